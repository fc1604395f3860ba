import { directionOf } from '../../installation/attempts.ts';
import type { Direction } from '../../installation/direction.ts';
import { bindingFault, type InstalledPolicy } from '../../installation/policy.ts';
import { type Sending, sendingOf } from '../../installation/sending.ts';
import type { LiveReview } from './live-review.ts';

/** Whether an entry or a policy, by its name, matches an object. */
type NamedSending = Sending & { readonly entry: string };

/**
 * Says why the webhook or the policy that adds a label leaves an object out, such as a namespaceSelector that excludes its
 * namespace: this can be intended. Undefined if it does not, or if that is unknown.
 */
export function exclusionOf(review: LiveReview, direction: Direction): string | undefined {
  const sendings = sendingsOf(review, direction);
  const last = sendings.at(-1);
  if (!last || sendings.some(({ sent }) => sent !== 'no')) return undefined;
  return `${last.entry} does not match the object: ${last.because.join(', ')}`;
}

function sendingsOf(review: LiveReview, direction: Direction): readonly NamedSending[] {
  const { configuration, policies } = review.installation;
  if (configuration.problem) return [];
  if (configuration.value) return review.sendings.filter(({ entry }) => directionOf(entry) === direction);
  return (policies.value ?? [])
    .filter((policy) => policy.direction === direction && bindingFault(policy.binding) === undefined)
    .map((policy) => ({ entry: policy.metadata.name, ...sendingToPolicy(review, policy) }));
}

/** Reports whether a policy matches an object when it is created. */
export function sendingToPolicy(
  { object: { kind, metadata }, namespaceLabels }: LiveReview,
  { metadata: { name }, spec }: InstalledPolicy,
): Sending {
  const { resourceRules = [], ...selectors } = spec.matchConstraints;
  const { namespace, labels } = metadata;
  return sendingOf(
    { name, rules: resourceRules, ...selectors },
    { kind, namespace, labels: labels ?? {}, namespaceLabels: namespaceLabels.value },
  );
}
