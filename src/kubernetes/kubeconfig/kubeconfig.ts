import {
  type CollectionTag,
  type DocumentOptions,
  type ParseOptions,
  parseAllDocuments,
  type ScalarTag,
  type SchemaOptions,
} from 'yaml';
import { Fields } from './fields.ts';

/** The address of an API server, and how to verify it. */
export interface Cluster {
  readonly server: string;
  readonly tlsServerName: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly certificateAuthority: string;
  /** PEM. */
  readonly certificateAuthorityData: string;
  readonly proxyUrl: string;
  readonly disableCompression: boolean;
  /** For an exec plugin. */
  readonly execConfig: unknown;
}

/** A command that prints credentials. */
export interface ExecConfig {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
  readonly interactiveMode: string;
}

/** The user to impersonate. */
export interface Impersonation {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Credentials. */
export interface User {
  readonly clientCertificate: string;
  /** PEM. */
  readonly clientCertificateData: string;
  readonly clientKey: string;
  /** PEM. */
  readonly clientKeyData: string;
  readonly token: string;
  readonly tokenFile: string;
  readonly username: string;
  readonly password: string;
  readonly impersonation: Impersonation;
  /** Its name; undefined if there is none. */
  readonly authProvider: string | undefined;
  readonly exec: ExecConfig | undefined;
}

/** A cluster, a user and a namespace, the first two by name. */
interface KubeContext {
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string;
}

export interface Kubeconfig {
  readonly currentContext: string;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly users: ReadonlyMap<string, User>;
  readonly contexts: ReadonlyMap<string, KubeContext>;
}

const EXEC_EXTENSION = 'client.authentication.k8s.io/exec';

/** The version of exec plugins in which `interactiveMode` could be left out. */
const LENIENT_EXEC_VERSION = 'client.authentication.k8s.io/v1beta1';

/** As Go reads it: YAML 1.1, with dates and times as strings; the last of duplicate keys wins. */
const GO_YAML: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1',
  customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !isTime(tag)),
  uniqueKeys: false,
  logLevel: 'error',
};

/**
 * Parses a kubeconfig (v1 Config). `absolute` makes paths absolute. Throws if kubectl would fail; an incomplete file is accepted
 * if it is valid YAML.
 */
export function parseKubeconfig(text: string, absolute: (path: string) => string): Kubeconfig {
  const [document] = parseAllDocuments(text, GO_YAML);
  const problem = document?.errors[0];
  if (problem) throw new Error(problem.message.split('\n', 1)[0]);
  const root = new Fields(document?.toJS());
  const [apiVersion, kind] = [root.text('apiVersion') || 'v1', root.text('kind') || 'Config'];
  if (apiVersion !== 'v1' || kind !== 'Config')
    throw new Error(`apiVersion and kind are ${apiVersion} ${kind}, expected v1 Config`);
  return {
    currentContext: root.text('current-context'),
    clusters: named(root, 'clusters', (item) => clusterOf(item.fields('cluster'), absolute)),
    users: named(root, 'users', (item) => userOf(item.fields('user'), absolute)),
    contexts: named(root, 'contexts', (item) => contextOf(item.fields('context'))),
  };
}

/** The tags for dates, and for base 60 numbers. */
function isTime({ tag, format }: ScalarTag | CollectionTag): boolean {
  return tag.endsWith(':timestamp') || format === 'TIME';
}

function named<T>(root: Fields, key: string, read: (item: Fields) => T): ReadonlyMap<string, T> {
  const map = new Map<string, T>();
  for (const item of root.list(key)) {
    const name = item.text('name');
    if (map.has(name)) throw new Error(`duplicate name "${name}" in ${key}`);
    map.set(name, read(item));
  }
  return map;
}

function clusterOf(cluster: Fields, absolute: (path: string) => string): Cluster {
  const extension = cluster.list('extensions').find((item) => item.text('name') === EXEC_EXTENSION);
  return {
    server: cluster.text('server'),
    tlsServerName: cluster.text('tls-server-name'),
    insecureSkipTlsVerify: cluster.flag('insecure-skip-tls-verify'),
    certificateAuthority: absolute(cluster.text('certificate-authority')),
    certificateAuthorityData: cluster.base64('certificate-authority-data'),
    proxyUrl: cluster.text('proxy-url'),
    disableCompression: cluster.flag('disable-compression'),
    execConfig: extension?.unknown('extension'),
  };
}

function userOf(user: Fields, absolute: (path: string) => string): User {
  return {
    clientCertificate: absolute(user.text('client-certificate')),
    clientCertificateData: user.base64('client-certificate-data'),
    clientKey: absolute(user.text('client-key')),
    clientKeyData: user.base64('client-key-data'),
    token: user.text('token'),
    tokenFile: absolute(user.text('tokenFile')),
    username: user.text('username'),
    password: user.text('password'),
    impersonation: {
      user: user.text('as'),
      uid: user.text('as-uid'),
      groups: user.texts('as-groups'),
      extra: user.textLists('as-user-extra'),
    },
    authProvider: user.unknown('auth-provider') === undefined ? undefined : user.fields('auth-provider').text('name'),
    exec: user.unknown('exec') === undefined ? undefined : execOf(user.fields('exec'), absolute),
  };
}

function execOf(exec: Fields, absolute: (path: string) => string): ExecConfig {
  const [apiVersion, command] = [exec.text('apiVersion'), exec.text('command')];
  return {
    apiVersion,
    // A name without a slash is searched in the PATH.
    command: command.includes('/') ? absolute(command) : command,
    args: exec.texts('args'),
    env: exec.list('env').map((item) => ({ name: item.text('name'), value: item.text('value') })),
    installHint: exec.text('installHint'),
    provideClusterInfo: exec.flag('provideClusterInfo'),
    interactiveMode: exec.text('interactiveMode') || (apiVersion === LENIENT_EXEC_VERSION ? 'IfAvailable' : ''),
  };
}

function contextOf(context: Fields): KubeContext {
  return { cluster: context.text('cluster'), user: context.text('user'), namespace: context.text('namespace') };
}
