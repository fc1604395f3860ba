import { type CallEvidence, judgeCall, judgeReached } from '../../doctor/call.ts';
import type { Judgement } from '../../doctor/check.ts';
import { callsBetween, usesBetween } from '../../doctor/counted-calls.ts';
import { judgePolicyCall } from '../../doctor/policy-call.ts';
import { attemptsOf } from '../../installation/attempts.ts';
import type { WebhookEntry } from '../../installation/configuration.ts';
import { DIRECTIONS, type Direction } from '../../installation/direction.ts';
import { type Installation, reverseOf } from '../../installation/installation.ts';
import { outcomeOf } from '../../installation/outcome.ts';
import type { InstalledPolicy } from '../../installation/policy.ts';
import type { Trial } from '../../installation/trial.ts';
import { readAdmissionCounters, readPolicyCounters } from '../../kubernetes/admission-counters.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { performTrial } from '../../kubernetes/dry-run.ts';
import type { LabelSelector, Labels } from '../../objects/label-selector.ts';
import { reach } from './reach.ts';

export interface CallQuestion {
  readonly installation: Installation;
  /** Where the trials create their objects. */
  readonly namespace: string;
  /** Whether the certificates of the Pods were compared with the caBundles. */
  readonly isTrusted: boolean;
}

/** Tries each installed engine, one trial after the other, because each trial counts calls. */
export async function examineCalls(client: ApiClient, question: CallQuestion): Promise<Judgement[]> {
  const { configuration, policies } = question.installation;
  const calls: Judgement[] = [];
  for (const policy of policies.value ?? []) calls.push(await examinePolicy(client, question, policy));
  if (calls.length > 0 && !configuration.value) return calls;

  for (const direction of directions(question.installation)) {
    // The webhook is not called for objects that a policy has labeled.
    const isLabelled = policies.value?.some((policy) => policy.direction === direction);
    calls.push(await (isLabelled ? examineWebhook : examineCall)(client, question, direction));
  }
  return calls;
}

/** If nothing is known about a release, one label is enough to try. */
function directions(installation: Installation): readonly Direction[] {
  return (reverseOf(installation) ?? 'off') === 'off' ? ['standard'] : DIRECTIONS;
}

/** Reports whether an object gets its missing label; if not, collects all evidence of the cause. */
async function examineCall(
  client: ApiClient,
  { installation, namespace }: CallQuestion,
  direction: Direction,
): Promise<Judgement> {
  const trial = await performTrial(client, direction, namespace);
  const evidence: CallEvidence = {
    direction,
    installation,
    namespace,
    trial,
    namespaceLabels: undefined,
    reached: [],
    counted: undefined,
  };
  const attempts = attemptsOf(installation.configuration.value, direction);
  const judgement = judgeCall(evidence);
  if (trial.outcome === 'refused' || judgement.status === 'ok' || attempts.length === 0) return judgement;

  const [namespaceLabels, counted, reached] = await Promise.all([
    labelsOfNamespace(client, attempts, namespace),
    countTrial(client, attempts, () => performTrial(client, direction, namespace)),
    Promise.all(attempts.map((entry) => reach(client, entry, { direction, namespace }))),
  ]);
  return judgeCall({ ...evidence, namespaceLabels, counted, reached: reached.flat() });
}

/** Reports whether a policy adds a label: by a trial, and by the API server's own counts for the policy. */
async function examinePolicy(
  client: ApiClient,
  { installation, namespace }: CallQuestion,
  policy: InstalledPolicy,
): Promise<Judgement> {
  const { name } = policy.metadata;
  const count = async () => (await outcomeOf(readPolicyCounters(client, name))).value;
  const before = await count();
  const trial = await performTrial(client, policy.direction, namespace);
  const after = before && (await count());
  const counted = before && after && usesBetween(before, after);
  const namespaceLabels = await labelsOfNamespace(client, [policy.spec.matchConstraints], namespace);
  const hasWebhook = installation.configuration.value !== undefined;
  return judgePolicyCall({ policy, namespace, hasWebhook, namespaceLabels, trial, counted });
}

/** Reports whether the webhook would add a label that a policy adds first. */
async function examineWebhook(
  client: ApiClient,
  { installation, namespace, isTrusted }: CallQuestion,
  direction: Direction,
): Promise<Judgement> {
  const attempts = attemptsOf(installation.configuration.value, direction);
  const reached = await Promise.all(attempts.map((entry) => reach(client, entry, { direction, namespace })));
  return judgeReached(direction, reached.flat(), isTrusted);
}

/** Undefined if they cannot be read, or do not matter. */
async function labelsOfNamespace(
  client: ApiClient,
  selecting: readonly { readonly namespaceSelector?: LabelSelector }[],
  name: string,
): Promise<Labels | undefined> {
  if (selecting.every(({ namespaceSelector = {} }) => Object.keys(namespaceSelector).length === 0)) return undefined;
  const request = { path: `/api/v1/namespaces/${name}` };
  const { value } = await outcomeOf(client.get<{ readonly metadata: { readonly labels?: Labels } }>(request));
  return value?.metadata.labels;
}

async function countTrial(
  client: ApiClient,
  attempts: readonly WebhookEntry[],
  trial: () => Promise<Trial>,
): Promise<CallEvidence['counted']> {
  const names = attempts.map(({ name }) => name);
  const count = async () => (await outcomeOf(readAdmissionCounters(client, names))).value;
  const before = await count();
  if (!before) return undefined;
  await trial();
  const after = await count();
  return after && callsBetween(before, after);
}
