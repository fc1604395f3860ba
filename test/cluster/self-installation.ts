import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { readBundle } from '../../src/certificates/ca.ts';
import { CA_SECRET_KEY } from '../../src/certificates/ca-secret.ts';
import type { Timing } from '../../src/certificates/timing.ts';
import type { SettingTexts } from '../../src/commands/options/settings.ts';
import { callApi } from './api.ts';
import { eventually } from './eventually.ts';
import { cluster, kubectl } from './kubectl.ts';
import { createNamespace, type KubernetesObject, OWNER, objectOf, STANDARD, uniqueName } from './objects.ts';
import { configurationOf, countBy } from './registration.ts';
import { Relay } from './relay.ts';
import { Replica, type WrongClock } from './replica.ts';

/** Stricter than a kubelet, which probes once a second at most. */
const PROBE_INTERVAL_MS = 200;

/** The name of the Secret. */
export const SECRET = 'webhook-ca';

const ACCOUNT = 'webhook';

/** The metadata of a Secret or a configuration that Helm created. */
export const HELM = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'eg', 'meta.helm.sh/release-namespace': 'test' },
};

/** The verbs of the chart's Role and ClusterRole, each for one named object. */
export interface Rights {
  readonly secret: readonly string[];
  readonly configuration: readonly string[];
}

export const CHART_RIGHTS: Rights = { secret: ['get', 'patch', 'create'], configuration: ['get', 'patch'] };

export interface InstallationOptions {
  readonly hasSecret?: boolean;
  readonly hasConfiguration?: boolean;
  readonly rights?: Rights;
}

export interface StartOptions {
  readonly timing?: Timing;
  readonly settings?: Partial<SettingTexts>;
  /** The port of a relay in front of the API server. */
  readonly apiPort?: number;
  readonly isBundled?: boolean;
  readonly clock?: WrongClock;
}

/** A CA as stored in the Secret. */
export interface StoredCA {
  readonly certificate: string;
  readonly key?: string;
  readonly state: string;
  readonly since: string;
}

/**
 * The chart's objects for the mode `self`: an empty Secret, a MutatingWebhookConfiguration without caBundle, a ServiceAccount
 * with permissions for these two and, instead of the Service, a relay that forwards calls to the ready replicas.
 */
export class Installation implements AsyncDisposable {
  readonly name: string;
  readonly namespace: string;
  readonly relay: Relay;
  readonly replicas: Replica[] = [];
  /** The directory of the account's token, the API server's CA, and temporary files. */
  readonly serviceAccount: string;
  readonly #stack: AsyncDisposableStack;
  readonly #stopped = new AbortController();

  private constructor(parts: { name: string; namespace: string; relay: Relay; serviceAccount: string }) {
    this.name = parts.name;
    this.namespace = parts.namespace;
    this.relay = parts.relay;
    this.serviceAccount = parts.serviceAccount;
    this.#stack = new AsyncDisposableStack();
  }

  static async create(options: InstallationOptions = {}): Promise<Installation> {
    const { hasSecret = true, hasConfiguration = true, rights = CHART_RIGHTS } = options;
    await using stack = new AsyncDisposableStack();
    const name = `self-${randomUUID().slice(0, 8)}`;
    const serviceAccount = stack.use(await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-self-'))).path;
    const relay = stack.use(await Relay.start());
    const namespace = await createNamespace({ name });
    await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: accountOf(name, namespace) });
    const token = await kubectl(['create', 'token', ACCOUNT, '-n', namespace]);
    await writeFile(join(serviceAccount, 'token'), token, { mode: 0o600 });
    await copyFile(cluster().certificateAuthority, join(serviceAccount, 'ca.crt'));

    const installation = new Installation({ name, namespace, relay, serviceAccount });
    installation.#stack.use(stack.move());
    await installation.grant(rights);
    if (hasSecret) await kubectl(['create', '-f', '-'], installation.secretManifest());
    if (hasConfiguration) await installation.createConfiguration();
    installation.#followReadiness();
    return installation;
  }

  /** The path of the configuration in the API. */
  get configurationPath(): string {
    return `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${this.name}`;
  }

  get secretPath(): string {
    return `/api/v1/namespaces/${this.namespace}/secrets/${SECRET}`;
  }

  get entries(): readonly string[] {
    return this.configuration().webhooks.map(({ name }) => name);
  }

  /** The configuration as rendered by the chart, without caBundle. */
  configuration() {
    const { metadata, ...rest } = configurationOf(this.name, { url: `https://localhost:${this.relay.port}/mutate` });
    return { ...rest, metadata: { ...metadata, ...HELM } };
  }

  /** The Secret as rendered by the chart, without data. */
  secretManifest() {
    const metadata = { name: SECRET, namespace: this.namespace, ...HELM };
    return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque' };
  }

  async createConfiguration(): Promise<void> {
    await kubectl(['create', '-f', '-'], this.configuration());
  }

  async deleteSecret(): Promise<void> {
    await kubectl(['delete', 'secret', SECRET, '-n', this.namespace]);
  }

  /** Replaces the account's permissions. */
  async grant({ secret, configuration }: Rights): Promise<void> {
    const { name, namespace } = this;
    const rbac = 'rbac.authorization.k8s.io';
    const items = [
      {
        apiVersion: `${rbac}/v1`,
        kind: 'Role',
        metadata: { name: ACCOUNT, namespace },
        rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: [SECRET], verbs: secret }],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'ClusterRole',
        metadata: { name },
        rules: [
          {
            apiGroups: ['admissionregistration.k8s.io'],
            resources: ['mutatingwebhookconfigurations'],
            resourceNames: [name],
            verbs: configuration,
          },
        ],
      },
    ];
    // The API server refuses a rule without verbs.
    const withVerbs = items.map((item) => ({ ...item, rules: item.rules.filter(({ verbs }) => verbs.length > 0) }));
    await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: withVerbs });
  }

  /** Starts a replica. It gets calls once it is ready. */
  async start({ timing, settings = {}, apiPort, isBundled, clock }: StartOptions = {}): Promise<Replica> {
    const replica = new Replica({
      environment: await this.environment(apiPort),
      timing,
      isBundled,
      clock,
      settings: {
        names: 'localhost',
        caSecret: `${this.namespace}/${SECRET}`,
        webhookConfiguration: this.name,
        serviceAccount: this.serviceAccount,
        quietPeriod: '0',
        ...settings,
      },
    });
    this.#stack.use(replica);
    this.replicas.push(replica);
    return replica;
  }

  /** Starts replicas, and waits until they are ready. */
  async startReady(count: number, options: StartOptions = {}): Promise<Replica[]> {
    const replicas = await Promise.all(Array.from({ length: count }, () => this.start(options)));
    await Promise.all(replicas.map((replica) => replica.untilReady()));
    await this.untilMutated();
    return replicas;
  }

  /** Sends no further calls to a replica, even if it is ready. Calls in flight are completed. */
  withdraw(replica: Replica): void {
    replica.isWithdrawn = true;
    this.relay.targets = this.relay.targets.filter((port) => port !== replica.port);
  }

  /** Creates an object with one of the two labels; returns whether it then has both. */
  async create(given: string = OWNER, query = ''): Promise<boolean> {
    const object = objectOf('ServiceAccount', {
      namespace: this.namespace,
      name: uniqueName(),
      labels: { [given]: 'eg' },
    });
    const { status, body } = await callApi(
      'POST',
      `/api/v1/namespaces/${this.namespace}/serviceaccounts${query}`,
      object,
    );
    if (status !== 201) throw new Error(`Cannot create a ServiceAccount: ${JSON.stringify(body)}`);
    const { labels = {} } = (body as KubernetesObject).metadata;
    return labels[OWNER] === 'eg' && labels[STANDARD] === 'eg';
  }

  /** Waits until an object with either label is created with both. */
  async untilMutated(timeoutMs?: number): Promise<void> {
    for (const given of [OWNER, STANDARD]) {
      await eventually('an object with both labels', () => this.#dryRun(given), timeoutMs);
    }
  }

  /** Returns how often the API server has failed open. */
  async failOpens(): Promise<number> {
    const counts = await countBy('apiserver_admission_webhook_fail_open_count', ({ name }) => name);
    return this.entries.reduce((sum, entry) => sum + (counts[entry] ?? 0), 0);
  }

  /** The caBundle of each entry, as PEM. */
  async caBundles(): Promise<string[]> {
    const { body } = await callApi('GET', this.configurationPath);
    const { webhooks } = body as { webhooks: { clientConfig: { caBundle?: string } }[] };
    return webhooks.map(({ clientConfig: { caBundle = '' } }) => Buffer.from(caBundle, 'base64').toString());
  }

  /** Replaces the caBundles of the first entries; undefined removes a caBundle. */
  async overwriteBundles(caBundles: readonly (string | undefined)[]): Promise<void> {
    const patch = caBundles.map((caBundle, index) => {
      const path = `/webhooks/${index}/clientConfig/caBundle`;
      if (caBundle === undefined) return { op: 'remove', path };
      return { op: 'replace', path, value: Buffer.from(caBundle).toString('base64') };
    });
    await kubectl(['patch', 'mutatingwebhookconfiguration', this.name, '--type=json', '-p', JSON.stringify(patch)]);
  }

  /** The Secret; undefined if it does not exist. */
  async secret(): Promise<(KubernetesObject & { readonly data?: Readonly<Record<string, string>> }) | undefined> {
    const { status, body } = await callApi('GET', this.secretPath);
    return status === 404 ? undefined : (body as KubernetesObject);
  }

  /** The CAs in the Secret. */
  async storedCAs(): Promise<StoredCA[]> {
    const content = (await this.secret())?.data?.[CA_SECRET_KEY];
    return content === undefined ? [] : JSON.parse(Buffer.from(content, 'base64').toString());
  }

  /** Replaces the CAs in the Secret. */
  async overwriteSecret(text: string): Promise<void> {
    const data = { [CA_SECRET_KEY]: Buffer.from(text).toString('base64') };
    await kubectl(['patch', 'secret', SECRET, '-n', this.namespace, '-p', JSON.stringify({ data })]);
  }

  /** Connects to a replica with openssl as the API server does, trusting only a caBundle; returns the error, if any. */
  async verify({ port }: Replica, caBundle: string): Promise<string | undefined> {
    const file = join(this.serviceAccount, randomUUID());
    await writeFile(file, caBundle);
    const trust = ['-CAfile', file, '-no-CApath', '-no-CAstore', '-verify_return_error'];
    const name = ['-servername', 'localhost', '-verify_hostname', 'localhost'];
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, ...name, ...trust];
    const running = promisify(execFile)('openssl', args);
    running.child.stdin?.end();
    return running.then(
      () => undefined,
      ({ message, stdout }) => `${message}\n${stdout}`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#stack.disposeAsync();
    const kinds = ['clusterrolebinding', 'clusterrole', 'mutatingwebhookconfiguration'];
    for (const kind of kinds) await kubectl(['delete', kind, this.name, '--ignore-not-found']);
  }

  async #dryRun(given: string): Promise<true | undefined> {
    return (await this.create(given, '?dryRun=All')) || undefined;
  }

  /** Forwards calls to the ready replicas, as a Service does. */
  #followReadiness(): void {
    const follow = async () => {
      while (!this.#stopped.signal.aborted) {
        const asked = this.replicas.filter(({ isWithdrawn }) => !isWithdrawn);
        const ready = await Promise.all(asked.map(async (replica) => ((await replica.isReady()) ? [replica] : [])));
        const admitted = ready.flat().filter(({ isWithdrawn }) => !isWithdrawn);
        this.relay.targets = admitted.flatMap(({ port }) => port ?? []);
        await delay(PROBE_INTERVAL_MS);
      }
    };
    void follow();
  }

  /** The variables by which a container finds the API server; `apiPort` is the port of a relay in front of it. */
  async environment(apiPort?: number) {
    const kubeconfig = JSON.parse(await readFile(cluster().kubeconfig, 'utf8'));
    const { hostname, port } = new URL(kubeconfig.clusters[0].cluster.server);
    return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: String(apiPort ?? port) };
  }
}

/** The SHA-256 fingerprints of the certificates in a caBundle that the webhook has written. */
export function fingerprints(caBundle: string): string[] {
  return readBundle(caBundle).map(({ fingerprint }) => fingerprint);
}

/** Returns the fingerprint of the certificate that a new connection gets. */
export function servedCertificate({ port }: Replica): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: port ?? 0, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.end();
    });
    socket.once('error', reject);
  });
}

function accountOf(name: string, namespace: string): object[] {
  const apiGroup = 'rbac.authorization.k8s.io';
  const subjects = [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace } },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'RoleBinding',
      metadata: { name: ACCOUNT, namespace },
      roleRef: { apiGroup, kind: 'Role', name: ACCOUNT },
      subjects,
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup, kind: 'ClusterRole', name },
      subjects,
    },
  ];
}
