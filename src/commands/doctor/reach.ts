import { randomUUID } from 'node:crypto';
import { CLIENT_CERTIFICATE_REQUIRED } from '../../admission/client-certificate.ts';
import type { Reached } from '../../doctor/call.ts';
import type { StoredService } from '../../doctor/endpoints.ts';
import { faultInText } from '../../doctor/fault.ts';
import { answerFault, type ReceivedAnswer, wantsCertificate } from '../../doctor/review-answer.ts';
import { type CalledServicePath, caBundleOf, type WebhookEntry } from '../../installation/configuration.ts';
import type { Direction } from '../../installation/direction.ts';
import { outcomeOf } from '../../installation/outcome.ts';
import { trialReview } from '../../installation/trial.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { proxiedReview } from '../../kubernetes/proxied-review.ts';
import { directReview, type ReviewedAddress } from './direct-review.ts';

/** Sends a review to the address of an entry, in every way that is possible from here. */
export async function reach(
  client: ApiClient,
  entry: WebhookEntry,
  { direction, namespace }: { readonly direction: Direction; readonly namespace: string },
): Promise<Reached[]> {
  const uid = randomUUID();
  const review = trialReview(direction, namespace, uid);
  const { service, url } = entry.clientConfig;
  const judged = async (from: Reached['from'], answer: Promise<ReceivedAnswer>): Promise<Reached> => {
    const { problem, value } = await outcomeOf(answer);
    const sent = { entry: entry.name, from };
    if (problem) return { ...sent, fault: faultInText(problem.message), text: problem.message };
    if (wantsCertificate(value)) return { ...sent, isClosed: true, text: CLIENT_CERTIFICATE_REQUIRED };
    const fault = answerFault(value, { direction, uid, isProxied: from === 'control-plane' });
    return fault ? { ...sent, ...fault } : { ...sent, text: 'the right answer' };
  };
  const ca = caBundleOf(entry);
  if (ca === '') return [];
  if (!service) return [await judged('here', directReview({ ...urlAddress(url), ca }, review))];

  const proxied = await judged('control-plane', proxiedReview(client, service, review));
  const address = client.isInCluster ? await serviceAddress(client, service) : undefined;
  const direct = address && (await judged('here', directReview({ ...address, ca }, review)));
  // If the user may not use the proxy, its answer says nothing about the webhook.
  return [proxied.fault === 'forbidden' ? undefined : proxied, direct].filter((one) => one !== undefined);
}

/** By IP address, as there may be no DNS. Undefined if the Service has no address, or cannot be read. */
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
  // An IPv6 address is in brackets.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(port || 443), path: pathname, name: host };
}
