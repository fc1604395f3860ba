/** The settings of the tests, from the environment. */
export interface Settings {
  readonly repository: string;
  readonly tag: string;
  /** How many objects to create per second. */
  readonly perSecond: number;
  /** A file with additional values for the chart. */
  readonly valuesFile: string | undefined;
  /** The API server's log file. By default, the tests read the logs of its Pods. */
  readonly apiServerLog: string | undefined;
  /** A shell command that sends a signal to the webhook's process in a Pod. Its arguments are the Pod's UID and the signal. */
  readonly killCommand: string | undefined;
}

const DEFAULT_IMAGE = 'gateway-name-webhook:test';

/** Low enough for two cores that run a whole cluster. */
const DEFAULT_PER_SECOND = 20;

/** Reads the environment. Throws if KUBECONFIG is not set, so that no cluster is used by accident. */
export function readSettings(
  { KUBECONFIG, IMAGE, E2E_PER_SECOND, E2E_VALUES, E2E_API_SERVER_LOG, E2E_KILL } = process.env,
): Settings {
  if (!KUBECONFIG) throw new Error('KUBECONFIG is not set: set it to the kubeconfig of a cluster without the webhook');
  const [, repository = '', tag = 'latest'] = /^(.+?)(?::([^:/]+))?$/.exec(IMAGE || DEFAULT_IMAGE) ?? [];
  return {
    repository,
    tag,
    perSecond: Number(E2E_PER_SECOND || DEFAULT_PER_SECOND),
    valuesFile: E2E_VALUES || undefined,
    apiServerLog: E2E_API_SERVER_LOG || undefined,
    killCommand: E2E_KILL || undefined,
  };
}
