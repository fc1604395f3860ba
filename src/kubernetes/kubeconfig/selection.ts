import { ApiError } from '../api-error.ts';
import type { Cluster, User } from './kubeconfig.ts';
import type { LoadedKubeconfig } from './load.ts';
import { clusterProblem, userProblem } from './validation.ts';

/** Flags that override the kubeconfig; empty and absent are the same. */
export interface ClusterFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly as?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
  /** In ms: for each request, over all other limits. */
  readonly requestTimeout?: number | undefined;
}

/** A cluster of a kubeconfig, with the user's credentials. */
export interface Selection {
  /** The name of the context. */
  readonly context: string;
  readonly cluster: Cluster;
  readonly user: User;
  /** Undefined if the context names none. */
  readonly namespace: string | undefined;
}

/** A user without credentials. */
const ANONYMOUS: User = {
  clientCertificate: '',
  clientCertificateData: '',
  clientKey: '',
  clientKeyData: '',
  token: '',
  tokenFile: '',
  username: '',
  password: '',
  impersonation: { user: '', uid: '', groups: [], extra: {} },
  authProvider: undefined,
  exec: undefined,
};

/**
 * Selects the requested context, or the current one. Undefined if there is neither. Throws if kubectl would fail, and if it
 * would continue with a cluster that was not selected (http://localhost:8080).
 */
export function selectCluster(kubeconfig: LoadedKubeconfig, flags: ClusterFlags): Selection | undefined {
  const name = flags.context || kubeconfig.currentContext;
  if (!name) return undefined;
  const context = kubeconfig.contexts.get(name);
  if (!context) {
    const source = flags.context ? '' : ', its current-context';
    throw new ApiError(
      `The kubeconfig has no context "${name}"${source}; it has ${contextNames(kubeconfig)}`,
      undefined,
    );
  }
  const cluster = kubeconfig.clusters.get(context.cluster);
  if (!cluster?.server) {
    const what = cluster ? `no server for the cluster "${context.cluster}"` : `no cluster "${context.cluster}"`;
    throw new ApiError(`The kubeconfig has ${what}, which the context "${name}" names`, undefined);
  }
  const user = impersonating(kubeconfig.users.get(context.user) ?? ANONYMOUS, flags);
  const problem = clusterProblem(cluster) ?? userProblem(user);
  if (problem) throw new ApiError(`Cannot use the context "${name}" of the kubeconfig: ${problem}`, undefined);
  return { context: name, cluster, user, namespace: context.namespace || undefined };
}

/** For people. */
export function contextNames({ contexts }: LoadedKubeconfig): string {
  return [...contexts.keys()].map((name) => `"${name}"`).join(', ') || 'none';
}

function impersonating(user: User, { as, asGroup = [] }: ClusterFlags): User {
  const { impersonation } = user;
  const groups = asGroup.length > 0 ? asGroup : impersonation.groups;
  return { ...user, impersonation: { ...impersonation, user: as || impersonation.user, groups } };
}
