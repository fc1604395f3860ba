import type { TrustStore } from '../../certificates/trust-store.ts';
import type { ServedService } from '../../doctor/trust-report.ts';
import type { Installation } from '../../installation/installation.ts';
import type { Context } from '../context.ts';
import { BadUsage } from '../options/bad-usage.ts';
import type { ClusterTexts } from '../options/cluster-options.ts';
import { parseNamespacedName, parseObjectName } from '../options/names.ts';
import { Progress } from './progress.ts';

/** The flags that select an installation. */
export interface InstallationTexts extends ClusterTexts {
  readonly caSecret?: string;
  readonly webhookConfiguration?: string;
}

/** The certificates of an installation, as seen from outside. */
export interface InstalledCertificates {
  readonly store: TrustStore;
  /** The cluster, in words. */
  readonly cluster: string;
  /** What every ready Pod of the webhook serves now. */
  readonly served: () => Promise<ServedService[]>;
  /** Reports whether a failed call may succeed when it is repeated. */
  readonly mayPass: (error: unknown) => boolean;
}

interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

/** Finds an installation by its objects' labels or names. Rejects when there is none, or a name or the context is wrong. */
export async function openInstallation(
  texts: InstallationTexts,
  command: string,
  context: Context,
): Promise<InstalledCertificates> {
  const [saidSecret, saidName] = [parseSecret(texts.caSecret), parseConfiguration(texts.webhookConfiguration)];
  const [
    { ApiClient },
    { kubernetesTrustStore },
    { readyEndpoints },
    { readInstallation },
    { installedServices },
    { readServed },
    { mayPass },
    { retrying },
  ] = await Promise.all([
    import('../../kubernetes/api-client.ts'),
    import('../../kubernetes/kubernetes-trust-store.ts'),
    import('../../kubernetes/endpoints.ts'),
    import('../../kubernetes/installation.ts'),
    import('../../installation/service.ts'),
    import('../../kubernetes/served.ts'),
    import('../../kubernetes/passing.ts'),
    import('../../kubernetes/retrying.ts'),
  ]);
  const client = new ApiClient(texts, context.environment);
  const question = { name: saidName, command: `certs-${command}` };
  const progress = new Progress(context);
  const retry = retrying(client, { onRetry: ({ message }) => progress.warn(`${message}; retrying`) });
  const installation = await retry(async () => {
    const read = await readInstallation(client, question);
    if (mayPass(read.configuration.problem, client)) throw read.configuration.problem;
    return read;
  });
  const secret = saidSecret ?? secretOf(installation, installedServices(installation.configuration.value, NOWHERE));
  const configuration = installation.configuration.value?.metadata.name ?? saidName ?? installation.name;
  return {
    cluster: client.cluster,
    store: kubernetesTrustStore({ client, secret, configuration }),
    mayPass: (error) => mayPass(error, client),
    served: async () => {
      const { configuration: now, name } = await readInstallation(client, question);
      if (now.problem) throw now.problem;
      const services = installedServices(now.value, { name, namespace: secret.namespace });
      return Promise.all(
        services.map(async (service) => {
          const endpoints = await readyEndpoints(client, service);
          return { ...service, served: await readServed(client.connection, service, endpoints) };
        }),
      );
    },
  };
}

const NOWHERE: NamespacedName = { namespace: '', name: '' };

type Services = ReturnType<typeof import('../../installation/service.ts').installedServices>;

function parseSecret(text: string | undefined): NamespacedName | undefined {
  const secret = text === undefined ? undefined : parseNamespacedName(text);
  if (text === undefined || secret) return secret;
  throw new BadUsage(`--ca-secret is "${text}", expected a namespace and a name, such as default/ca`);
}

function parseConfiguration(text: string | undefined): string | undefined {
  if (text === undefined || parseObjectName(text)) return text;
  throw new BadUsage(`--webhook-configuration is "${text}", expected a name`);
}

/** The Secret that the chart names, in the namespace of the Service. */
function secretOf({ name, configuration }: Installation, [{ namespace }]: Services): NamespacedName {
  if (configuration.problem) throw configuration.problem;
  if (namespace !== '') return { namespace, name: `${name}-ca` };
  throw new BadUsage(`MutatingWebhookConfiguration ${name} not found, so the namespace is unknown: set --ca-secret`);
}
