import { type Bundle, judgeBundle, judgeServed, type ServedToEntries } from '../../doctor/certificates.ts';
import type { Judgement } from '../../doctor/check.ts';
import { type EndpointsReading, judgeEndpoints, type StoredService } from '../../doctor/endpoints.ts';
import { certificateMode } from '../../doctor/lifetimes.ts';
import { caBundleOf, type WebhookConfiguration } from '../../installation/configuration.ts';
import { outcomeOf } from '../../installation/outcome.ts';
import type { InstalledService } from '../../installation/service.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { type Endpoint, readyEndpoints } from '../../kubernetes/endpoints.ts';
import { type JudgedCertificate, judgedCertificate } from '../../kubernetes/served-certificate.ts';
import type { Rights } from './rights-evidence.ts';

export interface Installed {
  readonly judgements: readonly Judgement[];
  readonly endpoints: readonly Endpoint[];
}

/** Looks whether somebody is there to be called. */
export async function examineEndpoints(
  client: ApiClient,
  { namespace, name, port }: InstalledService,
  { may }: Rights,
): Promise<Installed> {
  const path = `/api/v1/namespaces/${namespace}/services/${name}`;
  const [service, endpoints] = await Promise.all([
    may('service') ? outcomeOf(client.get<StoredService>({ path })) : undefined,
    may('endpoints') ? outcomeOf(readyEndpoints(client, { namespace, name })) : undefined,
  ]);
  const readyPods: EndpointsReading['readyPods'] = endpoints?.problem
    ? endpoints
    : endpoints && { value: endpoints.value.map(({ pod }) => pod) };
  return {
    judgements: judgeEndpoints({ namespace, name, port, service, readyPods }),
    endpoints: endpoints?.value ?? [],
  };
}

/** Looks at what the API server trusts, and at what each ready Pod serves. */
export async function examineCertificates(
  client: ApiClient,
  configuration: WebhookConfiguration,
  { endpoints, calledName, isDialled }: { endpoints: readonly Endpoint[]; calledName: string; isDialled: boolean },
): Promise<Judgement[]> {
  const bundles = bundlesOf(configuration);
  const mode = certificateMode(
    configuration,
    bundles.map(({ caBundle }) => caBundle),
  );
  const circumstances = { mode, now: new Date() };
  const judgements = bundles.map((bundle) => judgeBundle(bundle, circumstances));
  const [first, ...others] = bundles.filter(({ caBundle }) => caBundle !== '');
  if (!isDialled || !first) return judgements;
  const served = endpoints.map((endpoint) =>
    servedTo(endpoint.pod, [first, ...others], (ca) =>
      judgedCertificate(client.connection, endpoint, { ca, name: calledName }),
    ),
  );
  return [...judgements, ...judgeServed(await Promise.all(served), circumstances)];
}

/** Entries that have the same caBundle are one. */
function bundlesOf({ webhooks = [] }: WebhookConfiguration): Bundle[] {
  return [...Map.groupBy(webhooks, caBundleOf)].map(([caBundle, entries]) => ({
    caBundle,
    entries: entries.map(({ name }) => name),
  }));
}

async function servedTo(
  pod: string,
  [first, ...others]: readonly [Bundle, ...Bundle[]],
  dial: (ca: string) => Promise<JudgedCertificate>,
): Promise<ServedToEntries> {
  const refusalOf = async ({ entries, caBundle }: Bundle) => ({ entries, ...(await dial(caBundle)) });
  const { problem, value } = await outcomeOf(Promise.all([refusalOf(first), ...others.map(refusalOf)]));
  if (problem) return { pod, problem: problem.message };
  const refusals = value.flatMap(({ entries, problem }) => (problem === undefined ? [] : [{ entries, problem }]));
  return { pod, certificate: value[0].certificate, refusals };
}
