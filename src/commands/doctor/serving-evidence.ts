import { judgeBundle, judgeServed } from '../../doctor/certificates.ts';
import type { Judgement } from '../../doctor/check.ts';
import { type EndpointsReading, judgeEndpoints, type StoredService } from '../../doctor/endpoints.ts';
import { certificateMode } from '../../doctor/lifetimes.ts';
import { storedCABundles } from '../../installation/ca-bundle.ts';
import type { WebhookConfiguration } from '../../installation/configuration.ts';
import type { Installation } from '../../installation/installation.ts';
import { outcomeOf } from '../../installation/outcome.ts';
import type { InstalledService } from '../../installation/service.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { type Endpoint, readyEndpoints } from '../../kubernetes/endpoints.ts';
import { readServed } from '../../kubernetes/served.ts';
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
  /** By the API server's clock. */
  readonly now: Date;
}

/** Checks the endpoints, the certificates that they serve, and the CAs that the API server trusts. */
export async function examineServing(
  client: ApiClient,
  { configuration, policies }: Installation,
  { services, may, now }: ServingQuestion,
): Promise<Served> {
  // Without a configuration, the installation may consist of policies alone.
  if (!configuration.value && policies.value?.length !== 0) return NOTHING_SERVED;
  const examined = await Promise.all(services.map((service) => examineEndpoints(client, service, may)));
  const dialled = may('portForward') && may('portForwardUpgrade') ? examined : [];
  return {
    endpoints: examined.flatMap(({ judgements }) => judgements),
    certificates: configuration.value ? await examineCertificates(client, configuration.value, dialled, now) : [],
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
  now: Date,
): Promise<Judgement[]> {
  const bundles = storedCABundles(configuration.webhooks);
  const mode = certificateMode(
    configuration,
    bundles.map(({ caBundle }) => caBundle),
  );
  const served = await Promise.all(
    dialled.map(({ endpoints, service }) => readServed(client.connection, service, endpoints)),
  );
  const circumstances = { mode, now };
  return [...bundles.map((bundle) => judgeBundle(bundle, circumstances)), ...judgeServed(served.flat(), circumstances)];
}
