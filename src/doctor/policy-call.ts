import type { InstalledPolicy } from '../installation/policy.ts';
import type { Trial } from '../installation/trial.ts';
import { isSelected, type Labels } from '../objects/label-selector.ts';
import type { Judgement } from './check.ts';
import { bindingCause } from './policies.ts';
import { type Cause, isJudged, judgeTrial, unlabelled } from './trial-judgement.ts';

/** What is known about a trial that a policy should label. */
export interface PolicyEvidence {
  readonly policy: InstalledPolicy;
  /** Where the trial creates its object. */
  readonly namespace: string;
  /** Whether the webhook would add the label if the policy did not. */
  readonly hasWebhook: boolean;
  /** The labels of that namespace; undefined if they cannot be read. */
  readonly namespaceLabels: Labels | undefined;
  readonly trial: Trial;
  /** The uses of the policy during the trial, by outcome. Undefined if the API server's metrics cannot be read. */
  readonly counted: Readonly<Record<string, number>> | undefined;
}

/** The outcome under which the API server counts successful uses of a policy. */
const NO_ERROR = 'no_error';

const IN_EFFECT =
  'A policy takes effect about a second after it is created: try again. If the feature gate or the admission plugin ' +
  'MutatingAdmissionPolicy is off, it never does: set engine=webhook.';

/** Judges whether a policy adds a missing label. A policy has no status: only a trial and metrics show its effect. */
export function judgePolicyCall(evidence: PolicyEvidence): Judgement {
  const { policy, namespace, hasWebhook, trial, counted } = evidence;
  const { direction, metadata } = policy;
  const name = `policy-adds-${direction}`;
  if (!isJudged(trial)) {
    const { message, ...cause } = causeOf(evidence);
    return { ...unlabelled(direction, namespace, message), ...cause, name };
  }
  const judgement = { ...judgeTrial(direction, namespace, trial), name };
  if (judgement.status !== 'ok' || !hasWebhook || !counted || counted[NO_ERROR]) return judgement;
  const message = `${judgement.message}, but not by ${metadata.name}: the API server that answered did not use it`;
  return { name, status: 'warning', message, advice: IN_EFFECT };
}

function causeOf({ policy, namespaceLabels, counted }: PolicyEvidence): Cause {
  const { name } = policy.metadata;
  const bound = bindingCause(policy);
  if (bound) return bound;
  const { namespaceSelector = {} } = policy.spec.matchConstraints;
  if (namespaceLabels && !isSelected(namespaceSelector, namespaceLabels)) {
    const advice = 'Use -n to choose a namespace that it selects.';
    return { status: 'skipped', message: `${name} does not select this namespace`, advice };
  }
  if (!counted) {
    const message =
      "cause unknown, only the API server's metrics show what a policy did, and you are not allowed to read them";
    return { message, advice: IN_EFFECT };
  }
  const errors = Object.keys(counted).filter((error) => error !== NO_ERROR);
  if (errors.length > 0) {
    const advice = 'Run `helm upgrade` to restore it. See docs/runbooks.md, GatewayNameWebhookPolicyFailed.';
    return { class: 'changed', message: `${name} fails (${errors.join(', ')})`, advice };
  }
  return { message: `the API server that answered did not use ${name}`, advice: IN_EFFECT };
}
