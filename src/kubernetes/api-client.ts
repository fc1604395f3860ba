import { ApiCaller, type Connection } from './api-caller.ts';
import type { Environment } from './kubeconfig/load.ts';
import { openCluster } from './kubeconfig/open-cluster.ts';
import type { ClusterFlags } from './kubeconfig/selection.ts';

/**
 * For commands that make thousands of calls and should rather wait than fail: slightly more than the API server's own limit of
 * 60 s, after which it answers 504. A client that gives up earlier does not know whether a write succeeded, and repeats requests
 * to a loaded server.
 */
export const BULK_TIMEOUT_MS = 65_000;

/** Calls the API server that kubectl would call: that of the kubeconfig, or of the Pod that this runs in. */
export class ApiClient extends ApiCaller {
  /** For WebSocket calls, which need the connection itself. */
  readonly connection: Connection;
  /** The namespace of the kubeconfig's context, or of the Pod that this runs in. */
  readonly namespace: string;
  /** The kubeconfig's context; undefined for the ServiceAccount of a Pod. */
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

  /** The cluster in words, to show the user which one it is. */
  get cluster(): string {
    return `${this.connection.server} (${this.isInCluster ? 'in-cluster' : `context ${this.context}`})`;
  }
}
