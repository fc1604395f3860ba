import { ApiCaller, type Connection } from './api-caller.ts';
import type { Environment } from './kubeconfig/load.ts';
import { openCluster } from './kubeconfig/open-cluster.ts';
import type { ClusterFlags } from './kubeconfig/selection.ts';

/**
 * For a command that makes thousands of calls, and would rather wait than leave things undone: a bit more than the API
 * server's own limit of 60 s. It answers 504 by then; who gives up before does not know whether a write got through, and asks
 * a loaded server twice for the same.
 */
export const BULK_TIMEOUT_MS = 65_000;

/** Calls the API server that kubectl would call: that of a kubeconfig, or of the Pod that this runs in. */
export class ApiClient extends ApiCaller {
  /** For WebSockets, which need more than requests and answers. */
  readonly connection: Connection;
  /** The namespace of the kubeconfig's context, or of the Pod that this runs in. */
  readonly namespace: string;
  /** Of the kubeconfig; undefined in a Pod, with its ServiceAccount. */
  readonly context: string | undefined;

  constructor(flags: ClusterFlags, environment: Environment, timeoutMs?: number) {
    const { connection, namespace, context } = openCluster(flags, environment);
    super(connection, timeoutMs, flags.requestTimeout);
    this.connection = connection;
    this.namespace = namespace;
    this.context = context;
  }

  /** Whether this runs in a Pod, with its ServiceAccount: then Services can be reached from here. */
  get isInCluster(): boolean {
    return this.context === undefined;
  }

  /** The cluster in words, for a user who is to know which one it is. */
  get cluster(): string {
    return `${this.connection.server} (${this.isInCluster ? 'in-cluster' : `context ${this.context}`})`;
  }
}
