import type { Arrival } from './recorder.ts';

/** The expected request, as differences from `ARRIVAL`; or an error message. */
export type Outcome = Partial<Arrival> | RegExp;

/**
 * Kubeconfigs, an environment and flags, and the expected result. In texts, `$HTTPS` stands for the API server's URL, and so on:
 * see world.ts.
 */
export interface KubeconfigCase {
  readonly name: string;
  /** By file name; `config` is in KUBECONFIG unless the environment sets it. */
  readonly files: Readonly<Record<string, string | object>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
  /** Whether the case needs a new process, because its variables are only read when a process starts. */
  readonly ofProcess?: boolean;
  readonly kubectl: Outcome;
  /** The result of this program, if it differs from kubectl's. */
  readonly ours?: Outcome;
}

/** The request with a token to localhost. */
export const ARRIVAL: Arrival = {
  scheme: 'https',
  host: 'localhost:https',
  path: '/api/v1/namespaces/default/serviceaccounts',
  sni: 'localhost',
  authorization: 'Bearer a-token',
  certificate: undefined,
  impersonation: [],
  proxy: undefined,
};

export const BY_CA = { server: '$HTTPS', 'certificate-authority-data': '$CA' };
export const A_TOKEN = { token: 'a-token' };

interface Parts {
  readonly cluster?: object;
  readonly user?: object | undefined;
  readonly context?: object;
  readonly more?: object;
}

export function kubeconfig({ cluster = BY_CA, user = A_TOKEN, context = {}, more = {} }: Parts = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'x',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', ...context } }],
    ...more,
  };
}

/** kubectl's behavior for a user without credentials. */
export const ASKS = /Please enter Username: [\s\S]*EOF/;
/** This program's message for a user without credentials. */
export const NO_CREDENTIALS = /the user has no credentials/;
