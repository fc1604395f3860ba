import { existsSync, readFileSync } from 'node:fs';
import type { Connection } from '../api-caller.ts';
import { ApiError } from '../api-error.ts';
import { podConnection } from '../pod-connection.ts';
import { wayTo } from './agent.ts';
import { kubeconfigConnection } from './connection.ts';
import { impersonationHeaders } from './credentials.ts';
import { type Environment, type LoadedKubeconfig, loadKubeconfig } from './load.ts';
import { type ClusterFlags, contextNames, type Selection, selectCluster } from './selection.ts';
import { impersonationProblem } from './validation.ts';

/** Where a kubelet mounts a Pod's credentials for the API server, unless the variable of `serve` is set. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const SERVICE_ACCOUNT_VARIABLE = 'GATEWAY_NAME_WEBHOOK_SERVICE_ACCOUNT';

/** The cluster that a command is for. */
export interface OpenCluster {
  readonly connection: Connection;
  readonly namespace: string;
  /** The kubeconfig's context; undefined for the ServiceAccount of a Pod. */
  readonly context: string | undefined;
}

/**
 * Finds the cluster that kubectl would call, given the same flags, environment and kubeconfigs. Throws an ApiError if kubectl
 * would fail, or for unsupported settings.
 */
export function openCluster(flags: ClusterFlags, environment: Environment): OpenCluster {
  const serviceAccount = environment[SERVICE_ACCOUNT_VARIABLE] || SERVICE_ACCOUNT;
  const kubeconfig = loadKubeconfig(environment, flags.kubeconfig);
  const selection = selectCluster(kubeconfig, flags);
  const pod = existsSync(`${serviceAccount}/token`) ? podConnection(environment, serviceAccount) : undefined;
  const namespaceOfPod = () => environment['POD_NAMESPACE'] || readNamespace(serviceAccount);
  if (selection) {
    return {
      connection: connectionOf(selection, environment),
      namespace: selection.namespace || (pod && namespaceOfPod()) || 'default',
      context: selection.context,
    };
  }
  if (!pod) throw new ApiError(noCluster(kubeconfig, environment), undefined);
  return { connection: podOf(pod, flags, environment), namespace: namespaceOfPod() || 'default', context: undefined };
}

function connectionOf(selection: Selection, environment: Environment): Connection {
  try {
    return kubeconfigConnection(selection, environment);
  } catch (cause) {
    const message = `Cannot use the context "${selection.context}" of the kubeconfig: ${(cause as Error).message}`;
    throw new ApiError(message, undefined, { cause });
  }
}

function readNamespace(serviceAccount: string): string {
  const file = `${serviceAccount}/namespace`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

/** Unlike kubectl, which ignores the ServiceAccount with `--as` and calls http://localhost:8080. */
function podOf(connection: Connection, { as = '', asGroup = [] }: ClusterFlags, environment: Environment): Connection {
  const impersonation = { user: as, uid: '', groups: asGroup, extra: {} };
  const problem = impersonationProblem(impersonation);
  if (problem) throw new ApiError(problem, undefined);
  const headers = impersonationHeaders(impersonation);
  return {
    ...wayTo(connection.server, '', environment),
    authorize: async (options) => {
      Object.assign(options.headers, headers);
      await connection.authorize(options);
    },
  };
}

function noCluster(kubeconfig: LoadedKubeconfig, { KUBECONFIG }: Environment): string {
  const { contexts, missing } = kubeconfig;
  if (contexts.size > 0) {
    return `The kubeconfig has no current-context; choose a context with --context: ${contextNames(kubeconfig)}`;
  }
  const files = KUBECONFIG
    ? `none of the files in KUBECONFIG exist (${missing.join(', ')})`
    : 'KUBECONFIG is not set and ~/.kube/config does not exist';
  return `No cluster found: ${missing.length > 0 ? files : 'the kubeconfig has no contexts'}`;
}
