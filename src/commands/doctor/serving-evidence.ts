import { type Bundle, judgeBundle, judgeServed, type ServedToEntries } from '../../doctor/certificates.ts';
import type { Judgement } from '../../doctor/check.ts';
import { type EndpointsReading, judgeEndpoints, type StoredService } from '../../doctor/endpoints.ts';
import { certificateMode } from '../../doctor/lifetimes.ts';
import { caBundleOf, type WebhookConfiguration, type WebhookEntry } from '../../installation/configuration.ts';
import type { Installation } from '../../installation/installation.ts';
import { outcomeOf } from '../../installation/outcome.ts';
import type { InstalledService } from '../../installation/service.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { type Endpoint, readyEndpoints } from '../../kubernetes/endpoints.ts';
import { type JudgedCertificate, judgedCertificate } from '../../kubernetes/served-certificate.ts';
import type { Rights } from './rights-evidence.ts';

export interface Served {
  readonly endpoints: readonly Judgement[];
  readonly certificates: readonly Judgement[];
  /** Whether the certificates of the Pods were compared with the caBundles. */
  readonly isTrusted: boolean;
}

export const NOTHING_SERVED: Served = { endpoints: [], certificates: [], isTrusted: false };

interface ServingQuestion extends Pick<Rights, 'may'> {
  readonly services: readonly InstalledService[];
}

/** Checks the endpoints, the certificates that they serve, and the CAs that the API server trusts. */
export async function examineServing(
  client: ApiClient,
  { configuration, policies }: Installation,
  { services, may }: ServingQuestion,
): Promise<Served> {
  // Without a configuration, the installation may consist of policies alone.
  if (!configuration.value && policies.value?.length !== 0) return NOTHING_SERVED;
  const examined = await Promise.all(services.map((service) => examineEndpoints(client, service, may)));
  const dialled = may('portForward') && may('portForwardUpgrade') ? examined : [];
  return {
    endpoints: examined.flatMap(({ judgements }) => judgements),
    certificates: configuration.value ? await examineCertificates(client, configuration.value, dialled) : [],
    isTrusted: dialled.some(({ endpoints }) => endpoints.length > 0),
  };
}

/** A Service of the webhook, and its Pods. */
interface Dialled {
  readonly service: InstalledService;
  readonly endpoints: readonly Endpoint[];
}

/** Checks whether there is something to call. */
async function examineEndpoints(
  client: ApiClient,
  installed: InstalledService,
  may: Rights['may'],
): Promise<Dialled & { readonly judgements: readonly Judgement[] }> {
  const { namespace, name, port } = installed;
  const path = `/api/v1/namespaces/${namespace}/services/${name}`;
  const [service, endpoints] = await Promise.all([
    may('service') ? outcomeOf(client.get<StoredService>({ path })) : undefined,
    may('endpoints') ? outcomeOf(readyEndpoints(client, { namespace, name })) : undefined,
  ]);
  const readyPods: EndpointsReading['readyPods'] = endpoints?.problem
    ? endpoints
    : endpoints && { value: endpoints.value.map(({ pod }) => pod) };
  return {
    service: installed,
    judgements: judgeEndpoints({ namespace, name, port, service, readyPods }),
    endpoints: endpoints?.value ?? [],
  };
}

/** Checks the CAs that the API server trusts, and the certificate of each ready Pod. */
async function examineCertificates(
  client: ApiClient,
  configuration: WebhookConfiguration,
  dialled: readonly Dialled[],
): Promise<Judgement[]> {
  const bundles = bundlesOf(configuration.webhooks);
  const mode = certificateMode(
    configuration,
    bundles.map(({ caBundle }) => caBundle),
  );
  const circumstances = { mode, now: new Date() };
  const judgements = bundles.map((bundle) => judgeBundle(bundle, circumstances));
  const served = dialled.flatMap(({ endpoints, service: { entries, calledName } }) => {
    const [first, ...others] = bundlesOf(entries).filter(({ caBundle }) => caBundle !== '');
    if (!first) return [];
    return endpoints.map((endpoint) =>
      servedTo(endpoint.pod, [first, ...others], (ca) =>
        judgedCertificate(client.connection, endpoint, { ca, name: calledName }),
      ),
    );
  });
  return [...judgements, ...judgeServed(await Promise.all(served), circumstances)];
}

/** Groups entries by caBundle. */
function bundlesOf(entries: readonly WebhookEntry[] = []): Bundle[] {
  return [...Map.groupBy(entries, caBundleOf)].map(([caBundle, alike]) => ({
    caBundle,
    entries: alike.map(({ name }) => name),
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
