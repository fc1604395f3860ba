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

/** Probes of a kubelet come every second or later: what is soon enough for this one is soon enough for those. */
const PROBE_INTERVAL_MS = 200;

/** The name of the Secret. */
export const SECRET = 'webhook-ca';

const ACCOUNT = 'webhook';

/** What a Secret or a configuration that Helm made carries. */
export const HELM = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'eg', 'meta.helm.sh/release-namespace': 'test' },
};

/** The verbs of the chart's Role and ClusterRole: each for one object by its name, and nothing else. */
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

/** A CA of the Secret, as it is stored. */
export interface StoredCA {
  readonly certificate: string;
  readonly key?: string;
  readonly state: string;
  readonly since: string;
}

/**
 * What the chart makes for the mode `self`: an empty Secret, a MutatingWebhookConfiguration without caBundle, an account
 * with rights to these two, and in place of the Service a relay that passes calls on to the replicas that are ready.
 */
export class Installation implements AsyncDisposable {
  readonly name: string;
  readonly namespace: string;
  readonly relay: Relay;
  readonly replicas: Replica[] = [];
  /** The directory of the account's token, of the API server's CA, and of what else is written. */
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

  /** The configuration as the chart renders it: without caBundle. */
  configuration() {
    const { metadata, ...rest } = configurationOf(this.name, { url: `https://localhost:${this.relay.port}/mutate` });
    return { ...rest, metadata: { ...metadata, ...HELM } };
  }

  /** The Secret as the chart renders it: without data. */
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

  /** Gives the account these rights, instead of those it had. */
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
    // A rule without verbs is refused: no rights are no rules.
    const withVerbs = items.map((item) => ({ ...item, rules: item.rules.filter(({ verbs }) => verbs.length > 0) }));
    await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: withVerbs });
  }

  /** Starts a replica; it gets calls once it is ready. */
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

  /** Lets no further calls go to a replica, whatever it says; what it has to answer goes on. */
  withdraw(replica: Replica): void {
    replica.isWithdrawn = true;
    this.relay.targets = this.relay.targets.filter((port) => port !== replica.port);
  }

  /** Creates an object with one of the two labels; tells whether it has both. */
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

  /** Waits until an object is created with both labels, whichever it was given. */
  async untilMutated(timeoutMs?: number): Promise<void> {
    for (const given of [OWNER, STANDARD]) {
      await eventually('an object with both labels', () => this.#dryRun(given), timeoutMs);
    }
  }

  /** How often the API server has gone on without the webhook, because the call failed. */
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

  /** Replaces the caBundle of some entries by what is given for them; without one, it is taken away. */
  async overwriteBundles(caBundles: readonly (string | undefined)[]): Promise<void> {
    const patch = caBundles.map((caBundle, index) => {
      const path = `/webhooks/${index}/clientConfig/caBundle`;
      if (caBundle === undefined) return { op: 'remove', path };
      return { op: 'replace', path, value: Buffer.from(caBundle).toString('base64') };
    });
    await kubectl(['patch', 'mutatingwebhookconfiguration', this.name, '--type=json', '-p', JSON.stringify(patch)]);
  }

  /** The Secret; undefined when there is none. */
  async secret(): Promise<(KubernetesObject & { readonly data?: Readonly<Record<string, string>> }) | undefined> {
    const { status, body } = await callApi('GET', this.secretPath);
    return status === 404 ? undefined : (body as KubernetesObject);
  }

  /** The CAs in the Secret. */
  async storedCAs(): Promise<StoredCA[]> {
    const content = (await this.secret())?.data?.[CA_SECRET_KEY];
    return content === undefined ? [] : JSON.parse(Buffer.from(content, 'base64').toString());
  }

  /** Replaces what the Secret holds of CAs. */
  async overwriteSecret(text: string): Promise<void> {
    const data = { [CA_SECRET_KEY]: Buffer.from(text).toString('base64') };
    await kubectl(['patch', 'secret', SECRET, '-n', this.namespace, '-p', JSON.stringify({ data })]);
  }

  /** Has openssl connect to a replica as the API server does, trusting a caBundle only; returns what is wrong. */
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

  /** As the endpoints of a Service: those that say they are ready. */
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

  /** What a container of the account is told of the API server; `apiPort` is that of a relay in front of it. */
  async environment(apiPort?: number) {
    const kubeconfig = JSON.parse(await readFile(cluster().kubeconfig, 'utf8'));
    const { hostname, port } = new URL(kubeconfig.clusters[0].cluster.server);
    return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: String(apiPort ?? port) };
  }
}

/** SHA-256 of each certificate of a caBundle that was made by the webhook. */
export function fingerprints(caBundle: string): string[] {
  return readBundle(caBundle).map(({ fingerprint }) => fingerprint);
}

/** The certificate that a new connection gets: its own fingerprint. */
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
