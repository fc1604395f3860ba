import { TIMING as PROGRAM_TIMING } from '../../src/certificates/timing.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { Relay } from '../cluster/relay.ts';
import type { Replica } from '../cluster/replica.ts';
import type { Values } from './helm.ts';
import { configurationOf, storedEntries } from './installed.ts';
import { startReplica } from './pod-processes.ts';

/** Polls more often than the program; other tests check the program's interval. */
const TIMING = { ...PROGRAM_TIMING, pollMs: 1_000 };

/** A release whose webhook runs on this machine with its Pod's arguments. The API server calls it by URL: no Pods run here. */
export class RunningRelease implements AsyncDisposable {
  readonly #relay: Relay;
  readonly #replicas = new AsyncDisposableStack();
  #replica: Replica | undefined;
  #configuration = '';

  private constructor(relay: Relay) {
    this.#relay = relay;
  }

  static async create(): Promise<RunningRelease> {
    return new RunningRelease(await Relay.start());
  }

  /** The values that set the URL of the webhook. */
  get values(): Values & { readonly webhook: object } {
    return { webhook: { clientConfig: { url: `https://localhost:${this.#relay.port}/mutate` } } };
  }

  /**
   * Starts the webhook of objects that have been applied, and waits until it has written the caBundle. Then it replaces the
   * one before, as in a rollout.
   */
  async start(objects: readonly KubernetesObject[]): Promise<void> {
    this.#configuration = configurationOf(objects).name;
    const replica = this.#replicas.use(await startReplica(objects, TIMING));
    await replica.untilReady();
    this.#relay.targets = replica.port === undefined ? [] : [replica.port];
    await this.#replica?.stop();
    this.#replica = replica;
  }

  /** The caBundle of each entry; undefined if it has none. */
  async caBundles(): Promise<readonly (string | undefined)[]> {
    const entries = await storedEntries(this.#configuration);
    return entries.map(({ clientConfig }) => clientConfig.caBundle);
  }

  /** How often the webhook has written the caBundle. */
  async writes(): Promise<number> {
    return (await this.#replica?.metric('ca_bundle_writes_total')) ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#replicas.disposeAsync();
    await this.#relay[Symbol.asyncDispose]();
  }
}
