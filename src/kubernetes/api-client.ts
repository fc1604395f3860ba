import { KubeConfig } from '@kubernetes/client-node';
import { ApiCaller } from './api-caller.ts';
import { ApiError } from './api-error.ts';

/**
 * For a command that makes thousands of calls, and would rather wait than leave things undone: a bit more than the API
 * server's own limit of 60 s. It answers 504 by then; who gives up before does not know whether a write got through, and asks
 * a loaded server twice for the same.
 */
export const BULK_TIMEOUT_MS = 65_000;

/** The context that the Kubernetes client makes up, for localhost, when it finds neither kubeconfig nor ServiceAccount. */
const MADE_UP_CONTEXT = 'loaded-context';

/** The one that it makes up for a Pod's ServiceAccount. */
const POD_CONTEXT = 'inClusterContext';

const NO_CLUSTER = 'There is no cluster to talk to: set KUBECONFIG, or run this in a Pod';

/** Calls the API server of a kubeconfig, or of the Pod that this runs in. */
export class ApiClient extends ApiCaller {
  readonly #kubeConfig: KubeConfig;

  constructor(kubeConfig: KubeConfig, timeoutMs?: number) {
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster) throw new ApiError(NO_CLUSTER, undefined);
    const { server, proxyUrl } = cluster;
    const authorize = async (options: Parameters<KubeConfig['applyToHTTPSOptions']>[0]) => {
      await kubeConfig.applyToHTTPSOptions(options);
      // The Kubernetes client's own, which makes a connection for every request, is only needed for a proxy.
      if (proxyUrl === undefined) delete options.agent;
    };
    super({ server, authorize }, timeoutMs);
    this.#kubeConfig = kubeConfig;
  }

  /** As kubectl finds its cluster: KUBECONFIG, ~/.kube/config, or the Pod's ServiceAccount. */
  static fromEnvironment(context?: string, timeoutMs?: number): ApiClient {
    const kubeConfig = new KubeConfig();
    try {
      kubeConfig.loadFromDefault();
    } catch (cause) {
      throw new ApiError(`Cannot read the kubeconfig: ${(cause as Error).message}`, undefined, { cause });
    }
    if (kubeConfig.getCurrentContext() === MADE_UP_CONTEXT) throw new ApiError(NO_CLUSTER, undefined);
    if (context !== undefined) {
      if (!kubeConfig.getContextObject(context)) {
        throw new ApiError(`The kubeconfig has no context "${context}"`, undefined);
      }
      kubeConfig.setCurrentContext(context);
    }
    return new ApiClient(kubeConfig, timeoutMs);
  }

  /** For what needs more than requests and answers. */
  get kubeConfig(): KubeConfig {
    return this.#kubeConfig;
  }

  /** The namespace of the kubeconfig's context, or of the Pod that this runs in. */
  get namespace(): string {
    const { currentContext } = this.#kubeConfig;
    return this.#kubeConfig.getContextObject(currentContext)?.namespace ?? 'default';
  }

  /** Whether this runs in a Pod, with its ServiceAccount: then Services can be reached from here. */
  get isInCluster(): boolean {
    return this.#kubeConfig.currentContext === POD_CONTEXT;
  }
}
