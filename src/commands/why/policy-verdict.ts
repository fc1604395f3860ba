import type { Direction } from '../../installation/direction.ts';
import { bindingFault, type InstalledPolicy } from '../../installation/policy.ts';
import { sendingOf } from '../../installation/sending.ts';
import { printableAge } from '../output/age.ts';
import { laterLabel } from './later-label.ts';
import type { LiveReview } from './live-review.ts';

/** Says why an object lacks a label where there is no webhook: by the policies, if there are any. */
export function causeWithoutWebhook(review: LiveReview, direction: Direction): string {
  const { name, policies } = review.installation;
  const noWebhook = `there is no MutatingWebhookConfiguration ${name}`;
  if (policies.problem) return `${noWebhook}; cannot tell whether policies are installed: ${policies.problem.message}`;
  if (policies.value.length === 0) return `${noWebhook}, so that the webhook is never called`;
  const policy = policies.value.find((one) => one.direction === direction);
  return policy ? causeWithPolicy(review, policy) : `there is no MutatingAdmissionPolicy that adds this label`;
}

function causeWithPolicy(
  review: LiveReview,
  { metadata: { name, creationTimestamp }, binding, spec }: InstalledPolicy,
) {
  const { kind, metadata } = review.object;
  const fault = bindingFault(binding);
  if (fault !== undefined) return `${name} ${fault}`;
  if (metadata.creationTimestamp < creationTimestamp) {
    return `it was created ${printableAge(metadata.creationTimestamp, new Date(creationTimestamp))} before ${name} was`;
  }
  const { resourceRules = [], ...selectors } = spec.matchConstraints;
  const { sent, because } = sendingOf(
    { name, rules: resourceRules, ...selectors },
    {
      kind,
      namespace: metadata.namespace,
      labels: metadata.labels ?? {},
      namespaceLabels: review.namespaceLabels.value,
    },
  );
  if (sent === 'no') return `${name} leaves it out: ${because.join(', ')}`;
  if (sent === 'unknown') return `whether ${name} is for it cannot be told here: ${because.join(', ')}`;
  return (
    laterLabel(review) ??
    `${name} is for it: likely it was not in effect yet, it failed, which the API server's metrics would tell, or somebody removed a label`
  );
}
