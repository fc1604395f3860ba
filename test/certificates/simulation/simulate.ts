import { planRotation } from '../../../src/certificates/rotation.ts';
import { TIMING } from '../../../src/certificates/timing.ts';
import { type Plan, Replica } from './replica.ts';
import { DAY, HOUR, MINUTE, SECOND, World } from './world.ts';

/** Something that happens to the cluster, at a part of the year (0 to 1) and for a part of what it may last. */
interface Incident {
  readonly at: number;
  readonly kind: (typeof INCIDENTS)[number];
  readonly size: number;
}

export const INCIDENTS = [
  'restart-one',
  'restart-all',
  'pause-one',
  'pause-all',
  'empty-bundle',
  'shorten-bundle',
  'overwrite-bundle',
  'edit-one-entry',
  'delete-secret',
  'garbage-secret',
  'demote-active',
  'rotate',
  'distrust',
] as const;

export interface Scenario {
  readonly replicas: number;
  /** Minutes by which the clock of each replica is ahead. */
  readonly skews: readonly number[];
  readonly incidents: readonly Incident[];
  readonly seed: number;
}

export interface Outcome {
  /** What should never have been. */
  readonly violations: readonly string[];
  readonly bundleWrites: number;
  readonly secretWrites: number;
  readonly steps: number;
}

const YEAR = 365 * DAY;

/** Without incidents, at the end: the longest pause is over by then, and a CA that was retired after it has left. */
const QUIET = 8 * DAY;

/** After an incident nothing else goes wrong for so long: a repair is promised when somebody can make it. */
const CALM = 20 * SECOND;

/** A replica that was paused for a day may need so long to be ready again. */
const WAKING = MINUTE;

/** Runs a year, and some quiet days after it. Deterministic: the same scenario gives the same outcome. */
export function simulate(scenario: Scenario, plan: Plan = planRotation): Outcome {
  return new Simulation(scenario, plan).run();
}

class Simulation {
  readonly #world = new World(Date.UTC(2026, 10, 23));
  readonly #random: () => number;
  readonly #replicas: Replica[];
  readonly #scenario: Scenario;
  readonly #plan: Plan;
  readonly #violations = new Set<string>();
  #calmUntil = 0;

  constructor(scenario: Scenario, plan: Plan) {
    this.#scenario = scenario;
    this.#plan = plan;
    this.#random = mulberry32(scenario.seed);
    this.#replicas = Array.from({ length: scenario.replicas }, (_, index) => this.#start(index));
  }

  run(): Outcome {
    const world = this.#world;
    const start = world.now;
    const incidents = [...this.#scenario.incidents].sort((a, b) => a.at - b.at);
    const end = start + YEAR + QUIET;
    let steps = 0;
    while (steps < 200_000) {
      const incident = incidents[0];
      const incidentAt = incident ? start + incident.at * YEAR : Number.POSITIVE_INFINITY;
      const next = this.#replicas.reduce((a, b) => (b.dueAt < a.dueAt ? b : a));
      const at = Math.min(incidentAt, next.dueAt);
      if (at > end) break;
      // Before anything changes: what was held until now.
      world.now = Math.max(world.now, at - 1);
      this.#check();
      world.now = Math.max(world.now, at);
      steps += 1;
      if (incident && incidentAt <= next.dueAt) {
        incidents.shift();
        this.#happen(incident);
        this.#wakeAll();
      } else if (next.run()) this.#wakeAll();
      this.#check();
    }
    this.#checkRest();
    if (steps >= 200_000) this.#violations.add('it never comes to rest');
    return {
      violations: [...this.#violations],
      bundleWrites: world.bundleWrites,
      secretWrites: world.secretWrites,
      steps,
    };
  }

  #start(index: number): Replica {
    return new Replica(this.#world, {
      plan: this.#plan,
      timing: TIMING,
      skewMs: (this.#scenario.skews[index] ?? 0) * MINUTE,
      faults: { random: this.#random, isCalm: () => this.#world.now < this.#calmUntil },
    });
  }

  #wakeAll(): void {
    for (const replica of this.#replicas) replica.wake();
  }

  #check(): void {
    for (const [index, replica] of this.#replicas.entries()) {
      if (!replica.serving || replica.readySince === undefined) continue;
      if (!replica.isReady) {
        const isAwake = this.#world.now > replica.pausedUntil + WAKING;
        if (isAwake) this.#violate(`replica ${index} is no longer ready`);
        continue;
      }
      const problem = this.#world.accepts(replica.serving.leaf, replica.readySince);
      if (problem) this.#violate(`replica ${index} is ready, but ${problem}`);
    }
    const leaves = this.#replicas.flatMap(({ isReady, serving }) => (isReady && serving ? [serving.leaf] : []));
    const overdue = this.#world.overdueEdit(leaves);
    if (overdue) this.#violate(overdue);
  }

  #checkRest(): void {
    const { secret, bundles, now } = this.#world;
    const cas = secret.last.value ?? [];
    const active = cas.filter(({ state }) => state === 'active');
    if (active.length !== 1) this.#violate(`at rest, ${active.length} CAs are active`);
    if (cas.some(({ state }) => state === 'pending')) this.#violate('at rest, a CA is pending');
    const expected = active.map(({ cert }) => cert).join('');
    if (bundles.last.value.some((caBundle) => caBundle !== expected)) {
      this.#violate(`at rest, the caBundle is "${bundles.last.value}", and needed is "${expected}"`);
    }
    for (const [index, { isReady, serving }] of this.#replicas.entries()) {
      if (!isReady || serving?.ca.cert !== expected)
        this.#violate(`at rest, replica ${index} is not ready by the active CA`);
    }
    if (Math.abs(now - this.#world.now) > DAY) this.#violate('time has stopped');
  }

  #violate(text: string): void {
    if (this.#violations.size < 5) this.#violations.add(`${new Date(this.#world.now).toISOString()}: ${text}`);
  }

  #happen({ kind, size }: Incident): void {
    const { bundles, secret, now } = this.#world;
    const one = Math.floor(this.#random() * this.#replicas.length);
    const edit = (value: readonly [string, string]) => {
      this.#someoneIsThere();
      bundles.set(value, now, true);
    };
    const [bundle] = bundles.last.value;
    switch (kind) {
      case 'restart-one':
        this.#replicas[one] = this.#start(one);
        break;
      case 'restart-all':
        for (const index of this.#replicas.keys()) this.#replicas[index] = this.#start(index);
        break;
      case 'pause-one':
        this.#replicas[one]?.pause(size * 60 * HOUR);
        break;
      case 'pause-all':
        for (const replica of this.#replicas) replica.pause(size * 60 * HOUR * (0.5 + this.#random()));
        break;
      case 'empty-bundle':
        edit(['', '']);
        break;
      case 'shorten-bundle': {
        const certs = this.#world.casIn(bundle).map(({ cert }) => cert);
        certs.splice(Math.floor(size * certs.length), 1);
        edit([certs.join(''), certs.join('')]);
        break;
      }
      case 'overwrite-bundle':
        edit(['garbage', 'garbage']);
        break;
      case 'edit-one-entry':
        edit([bundle, '']);
        break;
      case 'delete-secret':
        secret.set(undefined, now, true);
        break;
      case 'garbage-secret':
        secret.set([], now, true);
        break;
      case 'demote-active': {
        // A key that does not match: the reader keeps the certificate, without its key.
        const demoted = secret.last.value?.map(({ ...ca }) => {
          if (ca.state !== 'active') return ca;
          const { key, ...certificate } = ca;
          return { ...certificate, state: 'retired' as const, since: new Date(now) };
        });
        secret.set(demoted, now, true);
        break;
      }
      case 'distrust':
        this.#distrust();
        break;
      case 'rotate': {
        const cas = secret.last.value;
        if (!cas || cas.some(({ state }) => state === 'pending')) break;
        const ca = this.#world.issueCA(new Date(now), TIMING.caLifetimeMs);
        secret.set([...cas, { ...ca, key: 'key', state: 'pending', since: new Date(now) }], now, true);
        break;
      }
    }
  }

  /** What `certs rotate --distrust-old` ends with, once nobody is served from a former CA. */
  #distrust(): void {
    const { secret, now } = this.#world;
    const isFormer = (fingerprint?: string) =>
      secret.last.value?.some((ca) => ca.state === 'retired' && ca.fingerprint === fingerprint);
    if (this.#replicas.some(({ serving }) => isFormer(serving?.ca.fingerprint))) return;
    const cas = secret.last.value?.map((ca) => {
      return ca.state === 'retired' ? { ...ca, state: 'distrusted' as const, since: new Date(now) } : ca;
    });
    secret.set(cas, now, true);
  }

  /** For an edit to be put right in time, a replica must run and the API server must be there. */
  #someoneIsThere(): void {
    this.#calmUntil = this.#world.now + CALM;
    const [first] = this.#replicas;
    if (first && first.pausedUntil > this.#world.now) {
      first.pausedUntil = this.#world.now;
      first.dueAt = this.#world.now;
    }
  }
}

/** A small generator of numbers from 0 up to 1, as no seed can be given to Math.random. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
