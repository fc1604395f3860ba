import { releaseOf, type WebhookConfiguration, type WebhookEntry } from './configuration.ts';

/** A Service of an installation, and the name that the API server calls. */
export interface InstalledService {
  readonly namespace: string;
  readonly name: string;
  /** Undefined if the API server calls a URL. */
  readonly port: number | undefined;
  readonly calledName: string;
  /** The entries that call it. */
  readonly entries: readonly WebhookEntry[];
}

/** The name of a release's objects, and their namespace if nothing else shows it. */
interface Place {
  readonly name: string;
  readonly namespace: string;
}

/** Finds the Services that a configuration names. If it has a URL, there is still a Service, with the chart's name. */
export function installedServices(
  configuration: WebhookConfiguration | undefined,
  { name, namespace }: Place,
): readonly [InstalledService, ...InstalledService[]] {
  const own = (configuration && releaseOf(configuration)?.namespace) ?? namespace;
  const [first, ...others] = (configuration?.webhooks ?? []).map((entry) => serviceOf(entry, { name, namespace: own }));
  if (!first) return [{ namespace: own, name, port: 443, calledName: `${name}.${own}.svc`, entries: [] }];
  return others.reduce<readonly [InstalledService, ...InstalledService[]]>(together, [first]);
}

/** Merges entries that call the same Service. */
function together(
  [first, ...services]: readonly [InstalledService, ...InstalledService[]],
  next: InstalledService,
): readonly [InstalledService, ...InstalledService[]] {
  const isSame = (one: InstalledService) => one.calledName === next.calledName && one.port === next.port;
  const merged = (one: InstalledService) =>
    isSame(one) ? { ...one, entries: [...one.entries, ...next.entries] } : one;
  const all = [merged(first), ...services.map(merged)] as const;
  return all.some(isSame) ? all : [...all, next];
}

function serviceOf(entry: WebhookEntry, place: Place): InstalledService {
  const { clientConfig } = entry;
  if (clientConfig.service) {
    const { namespace, name, port } = clientConfig.service;
    return { namespace, name, port, calledName: `${name}.${namespace}.svc`, entries: [entry] };
  }
  const calledName = new URL(clientConfig.url).hostname.replace(/^\[(.*)\]$/, '$1');
  return { ...place, port: undefined, calledName, entries: [entry] };
}
