import { directionOf } from '../../installation/attempts.ts';
import type { Direction } from '../../installation/direction.ts';
import { bindingFault, type InstalledPolicy } from '../../installation/policy.ts';
import { type Sending, sendingOf } from '../../installation/sending.ts';
import type { LiveReview } from './live-review.ts';

/**
 * Says why the webhook or the policy that adds a label leaves an object out, such as a namespaceSelector that excludes its
 * namespace: this can be intended. Undefined if it does not, or if that is unknown.
 */
export function exclusionOf(review: LiveReview, direction: Direction): string | undefined {
  const senders = sendersOf(review, direction);
  const last = senders.at(-1);
  if (!last || senders.some(({ sent }) => sent !== 'no')) return undefined;
  return `${last.name} does not match the object: ${last.because.join(', ')}`;
}

function sendersOf({ installation, sendings, ...review }: LiveReview, direction: Direction) {
  const { configuration, policies } = installation;
  if (configuration.problem) return [];
  if (configuration.value) {
    return sendings
      .filter(({ entry }) => directionOf(entry) === direction)
      .map(({ entry, ...sending }) => ({ name: entry, ...sending }));
  }
  return (policies.value ?? [])
    .filter((policy) => policy.direction === direction && bindingFault(policy.binding) === undefined)
    .map((policy) => ({ name: policy.metadata.name, ...sendingToPolicy(review, policy) }));
}

/** Reports whether a policy matches an object when it is created. */
export function sendingToPolicy(
  { object: { kind, metadata }, namespaceLabels }: Pick<LiveReview, 'object' | 'namespaceLabels'>,
  { metadata: { name }, spec }: InstalledPolicy,
): Sending {
  const { resourceRules = [], ...selectors } = spec.matchConstraints;
  const { namespace, labels } = metadata;
  return sendingOf(
    { name, rules: resourceRules, ...selectors },
    { kind, namespace, labels: labels ?? {}, namespaceLabels: namespaceLabels.value },
  );
}
