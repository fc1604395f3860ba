import { setTimeout as delay } from 'node:timers/promises';
import { callApi } from '../cluster/api.ts';
import { eventually } from '../cluster/eventually.ts';
import { createNamespace, type KubernetesObject, OWNER, objectOf, STANDARD } from '../cluster/objects.ts';

const INTERVAL_MS = 1000 / 20;

/** Creates twenty objects a second in dry runs, and counts those that do not get the standard label. */
export class DryRunLoad implements AsyncDisposable {
  created = 0;
  missed = 0;
  readonly #namespace: string;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  private constructor(namespace: string) {
    this.#namespace = namespace;
    this.#running = this.#run();
    // Disposal rejects with the error. Until then, Node must not report it as unhandled.
    this.#running.catch(() => {});
  }

  /** Waits until objects get the label, and starts. */
  static async start(): Promise<DryRunLoad> {
    const namespace = await createNamespace();
    await eventually('an object with both labels', async () => (await isLabelled(namespace)) || undefined);
    return new DryRunLoad(namespace);
  }

  /** Waits until this many more objects have been created. */
  async next(count: number): Promise<void> {
    const enough = this.created + count;
    await eventually(`${count} more objects`, async () => this.created >= enough || undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      if (!(await isLabelled(this.#namespace))) this.missed += 1;
      this.created += 1;
      await delay(INTERVAL_MS);
    }
  }
}

/** Whether an object that is created with Envoy Gateway's label gets the standard one. */
async function isLabelled(namespace: string): Promise<boolean> {
  const object = objectOf('ServiceAccount', { generateName: 'eg-', namespace, labels: { [OWNER]: 'eg' } });
  const { status, body } = await callApi('POST', `/api/v1/namespaces/${namespace}/serviceaccounts?dryRun=All`, object);
  if (status !== 201) throw new Error(`Cannot create a ServiceAccount: ${JSON.stringify(body)}`);
  return (body as KubernetesObject).metadata.labels?.[STANDARD] === 'eg';
}
