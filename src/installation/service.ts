import { releaseOf, type WebhookConfiguration } from './configuration.ts';
import { objectsName } from './release-name.ts';

/** The Service of an installation, and the name by which the API server calls. */
export interface InstalledService {
  readonly namespace: string;
  readonly name: string;
  /** Undefined where the API server calls by URL. */
  readonly port: number | undefined;
  readonly calledName: string;
}

/** Finds the Service that a configuration names. Called by URL, the webhook has one all the same, of the chart's name. */
export function installedService(
  configuration: WebhookConfiguration | undefined,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): InstalledService {
  const clientConfig = configuration?.webhooks?.[0]?.clientConfig;
  if (clientConfig?.service) {
    const { namespace: own, name: ownName, port } = clientConfig.service;
    return { namespace: own, name: ownName, port, calledName: `${ownName}.${own}.svc` };
  }
  const fullname = objectsName(name);
  const own = (configuration && releaseOf(configuration)?.namespace) ?? namespace;
  if (!clientConfig) return { namespace: own, name: fullname, port: 443, calledName: `${fullname}.${own}.svc` };
  const calledName = new URL(clientConfig.url).hostname.replace(/^\[(.*)\]$/, '$1');
  return { namespace: own, name: fullname, port: undefined, calledName };
}
