import PQueue from 'p-queue';
import type { ApiClient } from '../../src/kubernetes/api-client.ts';
import { KINDS, type Kind, type KubernetesObject, OWNER, objectOf, STANDARD } from './objects.ts';

/** An API server on two cores creates 1,300 objects a second; more concurrent requests do not increase this. */
const CONCURRENCY = 16;

const PATHS = { ServiceAccount: 'serviceaccounts', Pod: 'pods', Service: 'services' } as const;

/** A Service without a cluster IP: their number is limited. */
const HEADLESS = { spec: { clusterIP: 'None', ports: [{ port: 80 }] } };

/**
 * Returns objects of all kinds, spread over namespaces and 50 Gateways, with the labels of Envoy Gateway. Every tenth has only
 * the standard label, as other implementations set it.
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

/** The path of an object in the API or, without its name, the path of its kind. */
export function pathOf({ kind, metadata: { namespace, name } }: KubernetesObject, hasName = true): string {
  return `/api/v1/namespaces/${namespace}/${PATHS[kind as Kind]}${hasName ? `/${name}` : ''}`;
}

/** Creates many objects concurrently, with another field manager than the program's. Their namespaces must exist. */
export async function createAll(client: ApiClient, objects: readonly KubernetesObject[]): Promise<void> {
  const queue = new PQueue({ concurrency: CONCURRENCY });
  await queue.addAll(
    objects.map(
      (object) => () =>
        client.create({ path: pathOf(object, false), query: { fieldManager: 'envoy-gateway' } }, object),
    ),
  );
}

/** Reads all stored objects of the webhook's kinds, by kind, namespace and name. */
export async function readAll(
  client: ApiClient,
  namespaces: readonly string[],
): Promise<Map<string, KubernetesObject>> {
  const all = new Map<string, KubernetesObject>();
  for (const namespace of namespaces) {
    for (const kind of KINDS) {
      const path = pathOf({ apiVersion: 'v1', kind, metadata: { namespace } }, false);
      const { items } = await client.list<{ readonly items: readonly KubernetesObject[] }>({ path });
      // The items of a list do not contain their kind.
      for (const item of items) all.set(`${kind} ${namespace}/${item.metadata.name}`, { ...item, kind });
    }
  }
  return all;
}

/** The names, as in `-o name`, of the objects in a namespace that have both labels. */
export async function labelledNames(client: ApiClient, namespace: string): Promise<string[]> {
  const objects = [...(await readAll(client, [namespace])).values()];
  return namesOf(
    objects.filter(
      ({ metadata: { labels = {} } }) => labels[OWNER] !== undefined && labels[OWNER] === labels[STANDARD],
    ),
  );
}

/** The names of objects, as in `-o name`. */
export function namesOf(objects: readonly KubernetesObject[]): string[] {
  return objects.map(({ kind, metadata }) => `${kind.toLowerCase()}/${metadata.name}`).sort();
}

/** The names that a command with `-o name` has printed. */
export function printedNames(stdout: string): string[] {
  return stdout.split('\n').slice(0, -1).sort();
}
