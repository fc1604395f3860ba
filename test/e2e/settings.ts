/** The settings of the tests, from the environment. */
export interface Settings {
  readonly repository: string;
  readonly tag: string;
  /** Objects created while something is done. */
  readonly perSecond: number;
  /** A file of more values for the chart. */
  readonly valuesFile: string | undefined;
  /** A file that the API server logs to; without it, the logs of its Pods are asked for. */
  readonly apiServerLog: string | undefined;
  /** A shell command that signals the webhook's process in a Pod; the Pod's uid and the signal are appended. */
  readonly killCommand: string | undefined;
}

const DEFAULT_IMAGE = 'gateway-name-webhook:test';

/** Low enough for two cores that run a whole cluster. */
const DEFAULT_PER_SECOND = 20;

/** Reads the environment. Throws without KUBECONFIG, to never use a cluster by accident. */
export function readSettings(
  { KUBECONFIG, IMAGE, E2E_PER_SECOND, E2E_VALUES, E2E_API_SERVER_LOG, E2E_KILL } = process.env,
): Settings {
  if (!KUBECONFIG) throw new Error('Cannot choose a cluster: set KUBECONFIG to that of one without the webhook');
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
