import type { X509Certificate } from 'node:crypto';
import type { Served } from '../../certificates/trust-report.ts';
import type { TrustStore } from '../../certificates/trust-store.ts';
import type { Context } from '../context.ts';
import { BadUsage } from '../options/bad-usage.ts';
import { parseNamespacedName, parseObjectName } from '../options/names.ts';

/** What a user says about the installation that a command is for. */
export interface InstallationTexts {
  readonly context?: string;
  readonly caSecret: string;
  readonly webhookConfiguration: string;
}

/** An installation in a cluster, as seen from outside. */
export interface Installation {
  readonly store: TrustStore;
  /** What every ready Pod of the webhook serves now. */
  readonly served: () => Promise<Served[]>;
}

/** Finds an installation by its objects' names and the kubeconfig. Rejects when a name, or the context, is none. */
export async function openInstallation(
  texts: InstallationTexts,
  environment: Context['environment'],
): Promise<Installation> {
  const secret = parseNamespacedName(texts.caSecret);
  if (!secret)
    throw new BadUsage(`--ca-secret is "${texts.caSecret}", expected a namespace and a name, such as default/ca`);
  const configuration = parseObjectName(texts.webhookConfiguration);
  if (!configuration) throw new BadUsage(`--webhook-configuration is "${texts.webhookConfiguration}", expected a name`);

  const [
    { ApiClient },
    { kubernetesTrustStore },
    { readyEndpoints },
    { readInstalledConfiguration },
    { installedService },
    { servedCertificate },
  ] = await Promise.all([
    import('../../kubernetes/api-client.ts'),
    import('../../kubernetes/kubernetes-trust-store.ts'),
    import('../../kubernetes/endpoints.ts'),
    import('../../kubernetes/installed-configuration.ts'),
    import('../../installation/service.ts'),
    import('../../kubernetes/served-certificate.ts'),
  ]);
  const client = new ApiClient(texts, environment);
  return {
    store: kubernetesTrustStore({ client, secret, configuration }),
    served: async () => {
      const registered = await readInstalledConfiguration(client, configuration);
      const service = installedService(registered, { name: configuration, namespace: secret.namespace });
      const endpoints = await readyEndpoints(client, service);
      return Promise.all(
        endpoints.map((endpoint) => servedBy(endpoint.pod, servedCertificate(client.connection, endpoint))),
      );
    },
  };
}

async function servedBy(pod: string, certificate: Promise<X509Certificate>): Promise<Served> {
  try {
    return { pod, certificate: await certificate };
  } catch (error) {
    return { pod, problem: (error as Error).message };
  }
}
