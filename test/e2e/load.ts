import { randomUUID } from 'node:crypto';
import type { ApiServer } from './api-server.ts';
import { BLUEPRINTS, type Blueprint, type Labels, OWNER, RESOURCES, STANDARD } from './objects.ts';

/** An object that did not get both labels. */
export interface Miss {
  readonly path: string;
  readonly name: string;
  /** The label that it was created with. */
  readonly given: string;
  /** When it was sent. */
  readonly at: string;
  readonly ms: number;
}

/** The results of a load. */
export interface LoadReport {
  readonly created: number;
  readonly misses: readonly Miss[];
  /** When the first object that got both labels was sent, in ms since the Unix epoch. */
  readonly firstLabelledAtMs: number | undefined;
  /** Objects that could not be created, and why. */
  readonly errors: readonly string[];
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** How often to check whether creates are due. At a hundred a second, they are then sent one by one. */
const TICK_MS = 5;

/**
 * Creates objects at a steady rate, each with one of the two labels, alternating kinds and labels. It does not wait for answers,
 * so that a stall shows as latency, not as fewer creates.
 */
export class Load {
  readonly #api: ApiServer;
  readonly #namespace: string;
  readonly #perSecond: number;
  readonly #blueprints: readonly Blueprint[];
  readonly #inFlight = new Set<Promise<void>>();
  readonly #latencies: number[] = [];
  readonly #misses: Miss[] = [];
  readonly #errors: string[] = [];
  readonly #startedAt = performance.now();
  readonly #prefix = `eg-${randomUUID().slice(0, 8)}`;
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #firstLabelledAtMs: number | undefined;

  constructor(api: ApiServer, namespace: string, perSecond: number, blueprints: readonly Blueprint[] = BLUEPRINTS) {
    this.#api = api;
    this.#namespace = namespace;
    this.#perSecond = perSecond;
    this.#blueprints = blueprints;
    this.#timer = setInterval(() => this.#sendDue(), TICK_MS);
  }

  /** Stops; resolves when all requests are answered. */
  async stop(): Promise<LoadReport> {
    clearInterval(this.#timer);
    await Promise.all(this.#inFlight);
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    const percentile = (fraction: number) => sorted[Math.floor((sorted.length - 1) * fraction)] ?? 0;
    return {
      created: sorted.length,
      misses: this.#misses,
      firstLabelledAtMs: this.#firstLabelledAtMs,
      errors: this.#errors,
      p50Ms: percentile(0.5),
      p99Ms: percentile(0.99),
      maxMs: percentile(1),
    };
  }

  #sendDue(): void {
    const due = Math.floor(((performance.now() - this.#startedAt) / 1000) * this.#perSecond);
    while (this.#sent < due) {
      const creation = this.#create(this.#sent).finally(() => this.#inFlight.delete(creation));
      this.#inFlight.add(creation);
      this.#sent += 1;
    }
  }

  async #create(index: number): Promise<void> {
    const blueprint = this.#blueprints[index % this.#blueprints.length];
    if (!blueprint) throw new Error('There is nothing to create');
    // The number of kinds is odd, so each kind gets both labels in turn.
    const given = index % 2 === 0 ? OWNER : STANDARD;
    const name = `${this.#prefix}-${index}`;
    const path = blueprint.path(this.#namespace);
    const atMs = Date.now();
    const at = new Date(atMs).toISOString();
    const sentAt = performance.now();
    try {
      const { status, body } = await this.#api.send('POST', path, blueprint.object(name, { [given]: 'eg' }));
      if (status !== 201) throw new Error(`${status} ${body.trim()}`);
      const ms = performance.now() - sentAt;
      this.#latencies.push(ms);
      if (!hasBoth(JSON.parse(body).metadata.labels)) this.#misses.push({ path, name, given, at, ms });
      // Answers may arrive out of order.
      else this.#firstLabelledAtMs = Math.min(atMs, this.#firstLabelledAtMs ?? atMs);
    } catch (error) {
      this.#errors.push(`${at} POST ${path}: ${(error as Error).message}`);
    }
  }
}

/** Deletes the objects that loads created in a namespace, one collection per call. */
export async function deleteAll(api: ApiServer, namespace: string): Promise<void> {
  for (const resource of RESOURCES) {
    const { status, body } = await api.send('DELETE', `/api/v1/namespaces/${namespace}/${resource}`);
    if (status !== 200) throw new Error(`Cannot delete the ${resource} of ${namespace}: ${status} ${body}`);
  }
}

function hasBoth(labels: Labels = {}): boolean {
  return labels[OWNER] === 'eg' && labels[STANDARD] === 'eg';
}
