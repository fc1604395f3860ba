import {
  Conflict,
  type HelmOwnership,
  type StoredConfiguration,
  type StoredSecret,
  type TrustStore,
} from '../../src/certificates/trust-store.ts';

type Operation = keyof TrustStore;

/** A `TrustStore` in memory, with resourceVersions like those of the API server. Several replicas can share it. */
export class MemoryTrustStore implements TrustStore {
  #version = 1;
  #secret: StoredSecret | undefined;
  #configuration: StoredConfiguration | undefined;
  readonly operations: Operation[] = [];
  /** Called before each operation: may change the store, delay, or reject. */
  before: (operation: Operation) => void | Promise<void> = () => {};
  /** Called after each write: may reject, as if the answer were lost. */
  after: (operation: Operation) => void = () => {};
  /** Helm's ownership metadata that `createSecret` received. */
  createdAs: HelmOwnership | undefined;
  /** How far the local clock is ahead of the API server's clock. */
  aheadMs: number | undefined = 0;
  reconnections = 0;

  /** The initial state is that of a new installation: a Secret without data, and entries without a caBundle. */
  constructor() {
    this.putSecret();
    this.putBundles(['', '']);
  }

  get secret(): StoredSecret | undefined {
    return this.#secret;
  }

  get bundles(): readonly string[] {
    return this.#configuration?.entries.map(({ caBundle }) => caBundle) ?? [];
  }

  get writes(): readonly Operation[] {
    return this.operations.filter((operation) => !operation.startsWith('read'));
  }

  /** Another client changes the Secret. */
  putSecret(content?: string): void {
    this.#secret = { resourceVersion: this.#nextVersion(), content };
  }

  deleteSecret(): void {
    this.#secret = undefined;
  }

  /** Another client changes the webhook configuration. */
  putBundles(caBundles: readonly string[]): void {
    const helm = {
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'a-release' },
    };
    const entries = caBundles.map((caBundle, index) => ({ name: index === 0 ? 'standard' : 'owner', caBundle }));
    this.#configuration = { resourceVersion: this.#nextVersion(), entries, helm };
  }

  deleteConfiguration(): void {
    this.#configuration = undefined;
  }

  readonly readSecret = (): Promise<StoredSecret | undefined> => this.#perform('readSecret', () => this.#secret);

  readonly readConfiguration = (): Promise<StoredConfiguration | undefined> =>
    this.#perform('readConfiguration', () => this.#configuration);

  readonly createSecret = (helm: HelmOwnership): Promise<void> =>
    this.#perform('createSecret', () => {
      if (this.#secret) return;
      this.createdAs = helm;
      this.putSecret();
    });

  readonly writeSecret = (resourceVersion: string, content: string): Promise<void> =>
    this.#perform('writeSecret', () => {
      if (this.#secret?.resourceVersion !== resourceVersion) throw new Conflict('the Secret has changed');
      this.putSecret(content);
    });

  readonly writeBundle = (resourceVersion: string, entries: readonly string[], caBundle: string): Promise<void> =>
    this.#perform('writeBundle', () => {
      const stored = this.#configuration;
      if (stored?.resourceVersion !== resourceVersion) throw new Conflict('the configuration has changed');
      for (const name of entries) {
        if (!stored.entries.some((entry) => entry.name === name)) throw new Error(`there is no entry ${name}`);
      }
      const written = stored.entries.map((entry) => (entries.includes(entry.name) ? { ...entry, caBundle } : entry));
      this.#configuration = { ...stored, resourceVersion: this.#nextVersion(), entries: written };
    });

  readonly clockAheadMs = (): number | undefined => this.aheadMs;

  readonly reconnect = (): void => {
    this.reconnections += 1;
  };

  async #perform<T>(operation: Operation, act: () => T): Promise<T> {
    this.operations.push(operation);
    await this.before(operation);
    const result = act();
    this.after(operation);
    return result;
  }

  #nextVersion(): string {
    this.#version += 1;
    return String(this.#version);
  }
}
