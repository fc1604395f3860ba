import PQueue from 'p-queue';
import type { ApiClient } from '../../src/kubernetes/api-client.ts';
import { KINDS, type Kind, type KubernetesObject, OWNER, objectOf, STANDARD } from './objects.ts';

/** An API server on two cores takes 1,300 a second, and no more from more at once. */
const CONCURRENCY = 16;

const PATHS = { ServiceAccount: 'serviceaccounts', Pod: 'pods', Service: 'services' } as const;

/** A Service without an address of its own: there are only so many. */
const HEADLESS = { spec: { clusterIP: 'None', ports: [{ port: 80 }] } };

/**
 * Describes objects of all kinds, spread over namespaces and 50 Gateways, as Envoy Gateway labels them; every tenth has only
 * the standard label, as others do.
 */
export function manyObjects(count: number, namespaces: readonly string[]): KubernetesObject[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = KINDS[index % KINDS.length] as Kind;
    const namespace = namespaces[Math.floor(index / KINDS.length) % namespaces.length] ?? '';
    const gateway = `gateway-${index % 50}`;
    const labels = index % 10 === 9 ? { [STANDARD]: gateway } : { [OWNER]: gateway, app: 'envoy' };
    const object = objectOf(kind, { namespace, name: `object-${index}`, labels });
    return kind === 'Service' ? { ...object, ...HEADLESS } : object;
  });
}

/** The path of an object, or without a name that of its kind. */
export function pathOf({ kind, metadata: { namespace, name } }: KubernetesObject, hasName = true): string {
  return `/api/v1/namespaces/${namespace}/${PATHS[kind as Kind]}${hasName ? `/${name}` : ''}`;
}

/** Creates objects, many at once, whose namespaces exist: as somebody else than the program. */
export async function createAll(client: ApiClient, objects: readonly KubernetesObject[]): Promise<void> {
  const queue = new PQueue({ concurrency: CONCURRENCY });
  await queue.addAll(
    objects.map(
      (object) => () =>
        client.create({ path: pathOf(object, false), query: { fieldManager: 'envoy-gateway' } }, object),
    ),
  );
}

/** Reads all objects of the webhook's kinds as they are stored, by kind, namespace and name. */
export async function readAll(
  client: ApiClient,
  namespaces: readonly string[],
): Promise<Map<string, KubernetesObject>> {
  const all = new Map<string, KubernetesObject>();
  for (const namespace of namespaces) {
    for (const kind of KINDS) {
      const path = pathOf({ apiVersion: 'v1', kind, metadata: { namespace } }, false);
      const { items } = await client.list<{ readonly items: readonly KubernetesObject[] }>({ path });
      // What a list is of, its items do not say.
      for (const item of items) all.set(`${kind} ${namespace}/${item.metadata.name}`, { ...item, kind });
    }
  }
  return all;
}

/** The names, as `-o name` has them, of the objects of a namespace that have both labels. */
export async function labelledNames(client: ApiClient, namespace: string): Promise<string[]> {
  const objects = [...(await readAll(client, [namespace])).values()];
  return namesOf(
    objects.filter(
      ({ metadata: { labels = {} } }) => labels[OWNER] !== undefined && labels[OWNER] === labels[STANDARD],
    ),
  );
}

/** The names of objects, as `-o name` has them. */
export function namesOf(objects: readonly KubernetesObject[]): string[] {
  return objects.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`).sort();
}

/** The lines that a command with `-o name` has printed. */
export function printedNames(stdout: string): string[] {
  return stdout.split('\n').slice(0, -1).sort();
}
