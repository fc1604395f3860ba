import type { Direction } from '../../installation/direction.ts';
import { bindingFault, type InstalledPolicy } from '../../installation/policy.ts';
import { printableAge } from '../output/age.ts';
import { sendingToPolicy } from './exclusion.ts';
import { laterLabel } from './later-label.ts';
import type { LiveReview } from './live-review.ts';

/** Says why a label is missing if there is no webhook: because of the policies, if there are any. */
export function causeWithoutWebhook(review: LiveReview, direction: Direction): string {
  const { name, policies } = review.installation;
  const noWebhook = `MutatingWebhookConfiguration ${name} not found`;
  if (policies.problem) return `${noWebhook}; cannot tell whether policies are installed: ${policies.problem.message}`;
  if (policies.value.length === 0) return `${noWebhook}, so the webhook is never called`;
  const policy = policies.value.find((one) => one.direction === direction);
  return policy ? causeWithPolicy(review, policy) : `no MutatingAdmissionPolicy adds this label`;
}

function causeWithPolicy(review: LiveReview, policy: InstalledPolicy) {
  const {
    metadata: { name, creationTimestamp },
    binding,
  } = policy;
  const { metadata } = review.object;
  const fault = bindingFault(binding);
  if (fault !== undefined) return `${name} ${fault}`;
  if (metadata.creationTimestamp < creationTimestamp) {
    return `the object was created ${printableAge(metadata.creationTimestamp, new Date(creationTimestamp))} before ${name}`;
  }
  const { sent, because } = sendingToPolicy(review, policy);
  if (sent === 'unknown') return `cannot tell whether ${name} matches the object: this ${because.join(' and ')}`;
  return (
    laterLabel(review) ??
    `${name} matches the object: most likely it was not in effect yet, it failed (see the API server's metrics), or a label was removed later`
  );
}
