import { eventually } from '../cluster/eventually.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { Relay } from '../cluster/relay.ts';
import type { Replica } from '../cluster/replica.ts';
import type { Values } from './helm.ts';
import { configurationOf, storedEntries } from './installed.ts';
import { startReplica } from './pod-processes.ts';

/** A release that the API server calls: by URL, as no Pods and no Services work here, and as its Pods would be run. */
export class RunningRelease implements AsyncDisposable {
  readonly #relay: Relay;
  #replica: Replica | undefined;
  #configuration = '';

  private constructor(relay: Relay) {
    this.#relay = relay;
  }

  static async create(): Promise<RunningRelease> {
    return new RunningRelease(await Relay.start());
  }

  /** The values by which the API server calls it. */
  get values(): Values {
    return { webhook: { clientConfig: { url: `https://localhost:${this.#relay.port}/mutate` } } };
  }

  /** Starts the webhook of rendered objects that are in the cluster, and waits until it has written the caBundle. */
  async start(objects: readonly KubernetesObject[]): Promise<void> {
    await this.stop();
    this.#configuration = configurationOf(objects).name;
    this.#replica = await startReplica(objects);
    await this.#replica.untilReady();
    this.#relay.targets = this.#replica.port === undefined ? [] : [this.#replica.port];
  }

  /** Ends the webhook, as a Pod ends that its Deployment no longer has. */
  async stop(): Promise<void> {
    this.#relay.targets = [];
    await this.#replica?.stop();
  }

  /** The caBundle of each entry; undefined where there is none. */
  async caBundles(): Promise<readonly (string | undefined)[]> {
    const entries = await storedEntries(this.#configuration);
    return entries.map(({ clientConfig }) => clientConfig.caBundle);
  }

  /** Waits until the webhook has written the caBundle again. Returns how many milliseconds that took. */
  async repaired(): Promise<number> {
    const from = performance.now();
    await eventually('the caBundle', async () => (await this.caBundles()).every(Boolean) || undefined);
    return performance.now() - from;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#relay[Symbol.asyncDispose]();
  }
}
