import { clockProblem } from '../../../src/certificates/clock.ts';
import { planRotation } from '../../../src/certificates/rotation.ts';
import { TIMING } from '../../../src/certificates/timing.ts';
import { NodeClock } from './node-clock.ts';
import { type Machine, Replica } from './replica.ts';
import { DAY, HOUR, MINUTE, SECOND, World } from './world.ts';

/** An incident in the cluster. `at` is a fraction of the year, `size` a fraction of the longest duration. */
interface Incident {
  readonly at: number;
  readonly kind: (typeof INCIDENTS)[number] | 'set-clocks';
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
  'jump-one',
  'jump-all',
] as const;

export interface Scenario {
  readonly replicas: number;
  /** Minutes by which each replica's clock is ahead: an hour is allowed, and years are possible. */
  readonly skews: readonly number[];
  readonly incidents: readonly Incident[];
  readonly seed: number;
}

export interface Outcome {
  /** Broken invariants. */
  readonly violations: readonly string[];
  readonly bundleWrites: number;
  readonly secretWrites: number;
  readonly casMade: number;
  readonly keysDiscarded: number;
  readonly steps: number;
}

const MACHINE: Machine = { plan: planRotation, clockProblem };

const YEAR = 365 * DAY;

/** The first CA, its replacement, and one in case all replicas were paused during that. Each incident may need another one. */
const CAS_OF_A_YEAR = 3;

/** Each CA is added and removed. An incident may need a CA and a repair. */
const BUNDLE_WRITES_OF_A_CA = 2;
const BUNDLE_WRITES_OF_AN_INCIDENT = 3;

/** Days without incidents at the end: enough for the longest pause, and for the removal of a CA that was retired after it. */
const QUIET = 8 * DAY;

/** No failures for this long after an incident: a repair is only promised if a replica can make it. */
const CALM = 20 * SECOND;

/** A replica that was paused for a day may take this long to be ready: if the key was lost, every API server must see a new CA. */
const WAKING = MINUTE + TIMING.propagationMs;

/** A replica that starts without a CA waits until it is known everywhere, and its work may be lost in the meantime. */
const STARTING = 10 * MINUTE;

/** Enough to diagnose a failure. After a violation, the simulation may never end. */
const MOST_VIOLATIONS = 5;

/** Simulates a year, and some quiet days after it. It is deterministic: the same scenario has the same outcome. */
export function simulate(scenario: Scenario, machine: Partial<Machine> = {}): Outcome {
  return new Simulation(scenario, { ...MACHINE, ...machine }).run();
}

class Simulation {
  readonly #world = new World(Date.UTC(2026, 10, 23));
  readonly #random: () => number;
  readonly #replicas: Replica[];
  readonly #scenario: Scenario;
  readonly #machine: Machine;
  readonly #nodes: readonly NodeClock[];
  readonly #violations = new Set<string>();
  #calmUntil = 0;

  constructor(scenario: Scenario, machine: Machine) {
    this.#scenario = scenario;
    this.#machine = machine;
    this.#nodes = scenario.skews.map((minutes) => new NodeClock(minutes * MINUTE));
    this.#random = mulberry32(scenario.seed);
    this.#replicas = Array.from({ length: scenario.replicas }, (_, index) => this.#start(index));
  }

  run(): Outcome {
    const world = this.#world;
    const start = world.now;
    const incidents: Incident[] = [...this.#scenario.incidents].sort((a, b) => a.at - b.at);
    // Everything must recover without further help afterwards.
    incidents.push({ at: 1, kind: 'set-clocks', size: 1 });
    const end = start + YEAR + QUIET;
    let steps = 0;
    while (steps < 200_000 && this.#violations.size < MOST_VIOLATIONS) {
      const incident = incidents[0];
      const incidentAt = incident ? start + incident.at * YEAR : Number.POSITIVE_INFINITY;
      const next = this.#replicas.reduce((a, b) => (b.dueAt < a.dueAt ? b : a));
      const at = Math.min(incidentAt, next.dueAt);
      if (at > end) break;
      // Check the state before the change.
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
    this.#checkWrites();
    if (steps >= 200_000) this.#violations.add('it never comes to rest');
    return {
      violations: [...this.#violations],
      bundleWrites: world.bundleWrites,
      secretWrites: world.secretWrites,
      casMade: world.casMade,
      keysDiscarded: world.keysDiscarded,
      steps,
    };
  }

  #start(index: number): Replica {
    return new Replica(this.#world, {
      machine: this.#machine,
      timing: TIMING,
      node: this.#nodes[index] ?? new NodeClock(0),
      faults: { random: this.#random, isCalm: () => this.#world.now < this.#calmUntil },
    });
  }

  #wakeAll(): void {
    for (const replica of this.#replicas) replica.wake();
  }

  #check(): void {
    for (const [index, replica] of this.#replicas.entries()) {
      const problem = this.#problemOf(replica);
      if (problem) this.#violate(`replica ${index} ${problem}`);
    }
    const overdue = this.#world.overdueEdit(() =>
      this.#replicas.flatMap(({ isReady, serving }) => (isReady && serving ? [serving.leaf] : [])),
    );
    if (overdue) this.#violate(overdue);
    if (this.#world.keysDiscarded > 0) this.#violate('the key of a good CA was discarded');
  }

  #problemOf(replica: Replica): string | undefined {
    const { serving, readySince, isReady } = replica;
    if (!serving || readySince === undefined) {
      return replica.hasBeenWellFor(STARTING) ? 'has no certificate yet' : undefined;
    }
    if (!isReady) return replica.hasBeenWellFor(WAKING) ? 'is no longer ready' : undefined;
    const problem = this.#world.accepts(serving.leaf, readySince);
    return problem && `is ready, but ${problem}`;
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

  #checkWrites(): void {
    const { casMade, bundleWrites } = this.#world;
    const incidents = this.#scenario.incidents.length;
    const cas = CAS_OF_A_YEAR + incidents;
    if (casMade > cas) this.#violate(`${casMade} CAs were made, and ${cas} are enough`);
    const writes = BUNDLE_WRITES_OF_A_CA * CAS_OF_A_YEAR + BUNDLE_WRITES_OF_AN_INCIDENT * incidents;
    if (bundleWrites > writes)
      this.#violate(`the caBundle was written ${bundleWrites} times, and ${writes} are enough`);
  }

  #violate(text: string): void {
    if (this.#violations.size < MOST_VIOLATIONS)
      this.#violations.add(`${new Date(this.#world.now).toISOString()}: ${text}`);
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
        // A key that does not match: the program keeps the certificate without its key.
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
      case 'jump-one':
        this.#nodes[one]?.jump(wrongBy(size), now + this.#random() * 60 * HOUR);
        break;
      case 'jump-all':
        for (const node of this.#nodes) node.jump(wrongBy(size), now + this.#random() * 60 * HOUR);
        break;
      case 'set-clocks':
        for (const node of this.#nodes) node.set(now);
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

  /** The final write of `certs rotate --distrust-old`, once no replica uses a former CA. */
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

  /** A repair in time needs a running replica and an available API server. */
  #someoneIsThere(): void {
    this.#calmUntil = this.#world.now + CALM;
    const [first] = this.#replicas;
    if (first && first.pausedUntil > this.#world.now) {
      first.pausedUntil = this.#world.now;
      first.dueAt = this.#world.now;
    }
  }
}

/** From 30 years behind to 30 years ahead, mostly less than a day: each order of magnitude is equally likely. */
function wrongBy(size: number): number {
  const [least, most] = [MINUTE, 30 * YEAR];
  return Math.sign(size - 0.5) * least * (most / least) ** Math.abs(2 * size - 1);
}

/** A small pseudorandom number generator, from 0 to 1, because Math.random cannot be seeded. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
