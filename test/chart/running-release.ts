import { TIMING as PROGRAM_TIMING } from '../../src/certificates/timing.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { Relay } from '../cluster/relay.ts';
import type { Replica } from '../cluster/replica.ts';
import type { Values } from './helm.ts';
import { configurationOf, storedEntries } from './installed.ts';
import { startReplica } from './pod-processes.ts';

/** With less to wait for: that 15 s suffice, other tests show. */
const TIMING = { ...PROGRAM_TIMING, pollMs: 1_000 };

/** A release that the API server calls: by URL, as no Pods and no Services work here, and as its Pods would be run. */
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

  /** The values by which the API server calls it. */
  get values(): Values & { readonly webhook: object } {
    return { webhook: { clientConfig: { url: `https://localhost:${this.#relay.port}/mutate` } } };
  }

  /**
   * Starts the webhook of rendered objects that are in the cluster, and waits until it has written the caBundle. Then it
   * takes the place of the one that was started before, as in a rollout.
   */
  async start(objects: readonly KubernetesObject[]): Promise<void> {
    this.#configuration = configurationOf(objects).name;
    const replica = this.#replicas.use(await startReplica(objects, TIMING));
    await replica.untilReady();
    this.#relay.targets = replica.port === undefined ? [] : [replica.port];
    await this.#replica?.stop();
    this.#replica = replica;
  }

  /** The caBundle of each entry; undefined where there is none. */
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
