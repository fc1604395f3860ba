import type { Labels } from '../../src/objects/label-selector.ts';
import type { StoredObject } from '../../src/objects/stored-object.ts';
import { type Answer, type ReceivedRequest, startApiServer, writeKubeconfig } from './api-server.ts';
import { environment } from './environment.ts';
import { selects } from './label-selection.ts';

export interface ObjectApiOptions {
  readonly objects?: readonly StoredObject[];
  readonly namespaces?: Readonly<Record<string, Labels>>;
  /** Called first; undefined for the default answer. */
  readonly answer?: (request: ReceivedRequest) => Answer | undefined;
}

const NOT_FOUND: Answer = [404, { message: 'not found' }];

/** An API server that lists and returns these objects. The environment's kubeconfig points to it. */
export async function startObjectApi({ objects = [], namespaces = {}, answer }: ObjectApiOptions) {
  const api = await startApiServer((request) => answer?.(request) ?? stored(request, objects, namespaces));
  environment({ KUBECONFIG: writeKubeconfig({ server: api.url, ca: api.ca }) });
  return api;
}

function stored(
  { path, query }: ReceivedRequest,
  objects: readonly StoredObject[],
  namespaces: Readonly<Record<string, Labels>>,
): Answer {
  const [, , , ...parts] = path.split('/');
  const [namespace, resource, name] =
    parts[0] === 'namespaces' && parts.length > 2 ? parts.slice(1) : [undefined, ...parts];
  const all =
    resource === 'namespaces'
      ? Object.entries(namespaces).map(([name, labels]) => ({ metadata: { uid: name, name, labels } }))
      : objects.filter(
          ({ kind, metadata }) => resourceOf(kind) === resource && [undefined, metadata.namespace].includes(namespace),
        );
  if (name !== undefined) {
    const one = all.find(({ metadata }) => metadata.name === name);
    return one ? [200, one] : NOT_FOUND;
  }
  const items = all.filter(({ metadata }) => selects(query['labelSelector'] ?? '', metadata.labels ?? {}));
  return [200, { metadata: {}, items }];
}

function resourceOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}
