import { randomUUID } from 'node:crypto';
import { CLIENT_CERTIFICATE_REQUIRED } from '../../admission/client-certificate.ts';
import { type CallEvidence, judgeCall, judgeReached, type Reached } from '../../doctor/call.ts';
import type { Judgement } from '../../doctor/check.ts';
import { callsBetween, usesBetween } from '../../doctor/counted-calls.ts';
import type { StoredService } from '../../doctor/endpoints.ts';
import { faultInText } from '../../doctor/fault.ts';
import { judgePolicyCall, type PolicyEvidence } from '../../doctor/policy-call.ts';
import { answerFault, type ReceivedAnswer, wantsCertificate } from '../../doctor/review-answer.ts';
import {
  type CalledServicePath,
  caBundleOf,
  entryOf,
  type WebhookConfiguration,
  type WebhookEntry,
} from '../../installation/configuration.ts';
import type { Direction } from '../../installation/direction.ts';
import { type Outcome, outcomeOf } from '../../installation/outcome.ts';
import type { InstalledPolicy } from '../../installation/policy.ts';
import { type Trial, trialReview } from '../../installation/trial.ts';
import { readAdmissionCounters, readPolicyCounters } from '../../kubernetes/admission-counters.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { performTrial } from '../../kubernetes/dry-run.ts';
import { proxiedReview } from '../../kubernetes/proxied-review.ts';
import type { LabelSelector, Labels } from '../../objects/label-selector.ts';
import { directReview, type ReviewedAddress } from './direct-review.ts';

export interface CallQuestion {
  readonly direction: Direction;
  /** The name of the MutatingWebhookConfiguration. */
  readonly configuration: string;
  /** Of the trial. */
  readonly namespace: string;
  /** Asked for only where the trial fails. */
  readonly read: () => Promise<Outcome<WebhookConfiguration | undefined>>;
}

/** Tells whether an object that lacks a label gets it; where it does not, looks for the cause in every way there is. */
export async function examineCall(client: ApiClient, question: CallQuestion): Promise<Judgement> {
  const { direction, configuration, namespace, read } = question;
  const trial = await performTrial(client, direction, namespace);
  const nothing = { entry: { value: undefined }, namespaceLabels: undefined, reached: [], counted: undefined };
  const evidence: CallEvidence = { direction, configuration, namespace, trial, ...nothing };
  const judgement = judgeCall(evidence);
  if (trial.outcome === 'refused' || judgement.status === 'ok') return judgement;

  const found = await read();
  if (found.problem) return judgeCall({ ...evidence, entry: found });
  const entry = entryOf(found.value, direction);
  if (!entry) return judgement;
  const [namespaceLabels, counted, reached] = await Promise.all([
    labelsOfNamespace(client, entry, namespace),
    countTrial(client, entry, () => performTrial(client, direction, namespace)),
    reach(client, entry, question),
  ]);
  return judgeCall({ ...evidence, entry: { value: entry }, namespaceLabels, counted, reached });
}

/** Tells whether a policy adds a label: by a trial, and by the API server's own count of what its policies did. */
export async function examinePolicyCall(
  client: ApiClient,
  policy: InstalledPolicy,
  { namespace, hasWebhook }: Pick<PolicyEvidence, 'namespace' | 'hasWebhook'>,
): Promise<Judgement> {
  const { name } = policy.metadata;
  const count = async () => (await outcomeOf(readPolicyCounters(client, name))).value;
  const before = await count();
  const trial = await performTrial(client, policy.direction, namespace);
  const after = before && (await count());
  const counted = before && after && usesBetween(before, after);
  const namespaceLabels = await labelsOfNamespace(client, policy.spec.matchConstraints, namespace);
  return judgePolicyCall({ policy, namespace, hasWebhook, namespaceLabels, trial, counted });
}

/** Tells whether the webhook would add a label where a policy does so before it is asked. */
export async function examineWebhook(
  client: ApiClient,
  configuration: WebhookConfiguration,
  { direction, namespace }: Pick<CallQuestion, 'direction' | 'namespace'>,
): Promise<Judgement> {
  const entry = entryOf(configuration, direction);
  return judgeReached(direction, entry ? await reach(client, entry, { direction, namespace }) : []);
}

/** Undefined where they may not be read, or do not matter. */
async function labelsOfNamespace(
  client: ApiClient,
  { namespaceSelector = {} }: { readonly namespaceSelector?: LabelSelector },
  name: string,
): Promise<Labels | undefined> {
  if (Object.keys(namespaceSelector).length === 0) return undefined;
  const request = { path: `/api/v1/namespaces/${name}` };
  const { value } = await outcomeOf(client.get<{ readonly metadata: { readonly labels?: Labels } }>(request));
  return value?.metadata.labels;
}

async function countTrial(
  client: ApiClient,
  { name }: WebhookEntry,
  trial: () => Promise<Trial>,
): Promise<CallEvidence['counted']> {
  const count = async () => (await outcomeOf(readAdmissionCounters(client, [name]))).value;
  const before = await count();
  if (!before) return undefined;
  await trial();
  const after = await count();
  return after && callsBetween(before, after);
}

/** Sends a review by each way that there is from here. */
async function reach(
  client: ApiClient,
  entry: WebhookEntry,
  { direction, namespace }: Pick<CallQuestion, 'direction' | 'namespace'>,
): Promise<Reached[]> {
  const uid = randomUUID();
  const review = trialReview(direction, namespace, uid);
  const { service, url } = entry.clientConfig;
  const judged = async (from: Reached['from'], answer: Promise<ReceivedAnswer>): Promise<Reached> => {
    const { problem, value } = await outcomeOf(answer);
    if (problem) return { from, fault: faultInText(problem.message), text: problem.message };
    if (wantsCertificate(value)) return { from, isClosed: true, text: CLIENT_CERTIFICATE_REQUIRED };
    const fault = answerFault(value, { direction, uid, isProxied: from === 'control-plane' });
    return fault ? { from, ...fault } : { from, text: 'the right answer' };
  };
  const ca = caBundleOf(entry);
  if (ca === '') return [];
  if (!service) return [await judged('here', directReview({ ...urlAddress(url), ca }, review))];

  const proxied = await judged('control-plane', proxiedReview(client, service, review));
  const address = client.isInCluster ? await serviceAddress(client, service) : undefined;
  const direct = address && (await judged('here', directReview({ ...address, ca }, review)));
  // Who may not have it passed on has been told nothing about the webhook.
  return [proxied.fault === 'forbidden' ? undefined : proxied, direct].filter((one) => one !== undefined);
}

/** There may be no DNS. Undefined where the Service has no address, or may not be read. */
async function serviceAddress(
  client: ApiClient,
  { namespace, name, port, path = '/' }: CalledServicePath,
): Promise<Omit<ReviewedAddress, 'ca'> | undefined> {
  const request = { path: `/api/v1/namespaces/${namespace}/services/${name}` };
  const host = (await outcomeOf(client.get<StoredService>(request))).value?.spec.clusterIP;
  return host === undefined ? undefined : { host, port, path, name: `${name}.${namespace}.svc` };
}

function urlAddress(url: string): Omit<ReviewedAddress, 'ca'> {
  const { hostname, port, pathname } = new URL(url);
  // An address of IPv6 is in brackets.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(port || 443), path: pathname, name: host };
}
