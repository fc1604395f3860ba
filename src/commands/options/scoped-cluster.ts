import { setFlagsFromString } from 'node:v8';
import type { Reverse } from '../../admission/gateway.ts';
import type { Installation } from '../../installation/installation.ts';
import type { ObjectStore } from '../../objects/object-store.ts';
import type { Right } from '../../objects/right.ts';
import type { Scope } from '../../objects/scope.ts';
import type { Context } from '../context.ts';
import { parseScope, type ScopeTexts } from './scope-options.ts';

/** The flags of a command that reads objects of a cluster. */
export interface ObjectsTexts extends ScopeTexts {
  /** Undefined: as it is installed. */
  readonly reverse?: Reverse;
  readonly webhookConfiguration?: string;
}

/** The objects that a command is for. */
export interface Objects {
  readonly store: ObjectStore;
  readonly scope: Scope;
  /** Reads what is installed, with the same retries as for objects: the named release, or the only one. */
  readonly installation: (name: string | undefined) => Promise<Installation>;
  /** The cluster, in words. */
  readonly cluster: string;
}

/**
 * Objects are short-lived. By default, V8 lets the heap grow to four times the live data before it collects such garbage: a
 * backfill of 50,000 objects took 200 MiB, and takes 150 with this.
 */
const HEAP_GROWTH = '--heap-growing-percent=30';

interface OpenOptions {
  /** What the command requires; missing permissions are reported with the commands that grant them. */
  readonly rights: readonly Right[];
  readonly command: string;
  readonly environment: Context['environment'];
  /** Ends retries. */
  readonly signal?: AbortSignal;
}

/** Opens the cluster that the kubeconfig names, and does something with its objects. */
export async function withObjects<T>(
  texts: ScopeTexts,
  { rights, command, environment, signal }: OpenOptions,
  act: (objects: Objects) => Promise<T>,
): Promise<T> {
  setFlagsFromString(HEAP_GROWTH);
  const [
    { ApiClient, BULK_TIMEOUT_MS },
    { kubernetesObjectStore },
    { withRights },
    { readInstallation },
    { retrying },
  ] = await Promise.all([
    import('../../kubernetes/api-client.ts'),
    import('../../kubernetes/kubernetes-object-store.ts'),
    import('../../kubernetes/access.ts'),
    import('../../kubernetes/installation.ts'),
    import('../../kubernetes/retrying.ts'),
  ]);
  const client = new ApiClient(texts, environment, BULK_TIMEOUT_MS);
  const scope = parseScope(texts, client.namespace);
  const store = kubernetesObjectStore(client, { signal });
  const retry = retrying(client, { signal });
  const installation = (name: string | undefined) => readInstallation(client, { name, command, retry });
  const objects = { store, scope, installation, cluster: client.cluster };
  return withRights(client, { command, rights, namespaces: scope.namespaces }, () => act(objects));
}
