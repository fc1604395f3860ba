import type { clockProblem } from '../../../src/certificates/clock.ts';
import type { Observation, ServingState } from '../../../src/certificates/observation.ts';
import { type SeenSince, stillSeen } from '../../../src/certificates/observe.ts';
import { BACKDATE_MS } from '../../../src/certificates/renewal.ts';
import type { Action } from '../../../src/certificates/rotation.ts';
import { leavesAt, neededUntil, type Timing } from '../../../src/certificates/timing.ts';
import type { NodeClock } from './node-clock.ts';
import { DAY, HOUR, type Leaf, MINUTE, SECOND, type World } from './world.ts';

/** The resourceVersion of a broken program that overwrites concurrent changes. */
export const ANY_VERSION = '*';

export type Plan = (observation: Observation, timing: Timing) => Action;

/** The simulated decisions: those of the program, or broken ones. */
export interface Machine {
  readonly plan: Plan;
  readonly clockProblem: typeof clockProblem;
}

/** Random failures of reads and writes. */
export interface Faults {
  /** From 0 to 1, excluding 1. */
  readonly random: () => number;
  /** Whether nothing fails at the moment. */
  readonly isCalm: () => boolean;
}

/** A replica: it reads, decides, and performs the decision some time later. Its clock may be wrong. */
export class Replica {
  readonly #world: World;
  readonly #machine: Machine;
  readonly #timing: Timing;
  readonly #faults: Faults;
  readonly #node: NodeClock;
  readonly #startedAt: number;
  serving: (ServingState & { readonly leaf: Leaf }) | undefined;
  #seenSince: SeenSince = new Map();
  /** Whether the caBundles of the last read have the CA of its serving certificate. */
  #isAccepted: boolean | undefined;
  #decided: Action | undefined;
  #decidedFor = new Date(0);
  /** When it acts next, in true time. */
  dueAt: number;
  pausedUntil = 0;
  readySince: number | undefined;

  constructor(
    world: World,
    { machine, timing, faults, node }: { machine: Machine; timing: Timing; faults: Faults; node: NodeClock },
  ) {
    this.#world = world;
    this.#machine = machine;
    this.#timing = timing;
    this.#faults = faults;
    this.#node = node;
    this.#startedAt = world.now;
    this.dueAt = world.now + faults.random() * 5 * SECOND;
  }

  get #clock(): Date {
    return new Date(this.#clockMs);
  }

  get #clockMs(): number {
    return this.#world.now + this.#node.aheadMs(this.#world.now);
  }

  /** Whether it has been running for this long with a clock that certificates allow. */
  hasBeenWellFor(ms: number): boolean {
    const allowedSince = this.#node.allowedSince(this.#world.now);
    return (
      allowedSince !== undefined && this.#world.now > Math.max(this.#startedAt, this.pausedUntil, allowedSince) + ms
    );
  }

  /** By its own clock and its last read, like the program's readiness probe. */
  get isReady(): boolean {
    if (this.#world.now < this.pausedUntil || this.readySince === undefined || !this.serving) return false;
    return this.#clockMs < this.serving.notAfter.getTime();
  }

  /** Makes the replica see a change at its next poll. */
  wake(): void {
    const at =
      Math.max(this.#world.now, this.pausedUntil) + (0.05 + 0.95 * this.#faults.random()) * this.#timing.pollMs;
    if (!this.#decided) this.dueAt = Math.min(this.dueAt, at);
  }

  pause(durationMs: number): void {
    this.pausedUntil = this.#world.now + durationMs;
    this.dueAt = Math.max(this.dueAt, this.pausedUntil);
  }

  /** Reads and decides, or performs the last decision. Returns whether it has written something. */
  run(): boolean {
    const decided = this.#decided;
    if (!decided) {
      this.#decide();
      return false;
    }
    this.#decided = undefined;
    const { random, isCalm } = this.#faults;
    const luck = isCalm() ? 1 : random();
    if (luck < 0.05) return this.#again(this.#timing.pollMs * (0.8 + 0.2 * random()));
    const written = this.#perform(decided);
    // The write has succeeded, but its answer was lost in some cases.
    this.#again(luck < 0.08 ? this.#timing.pollMs : 10 + random() * 200);
    return written;
  }

  #again(delayMs: number): false {
    this.dueAt = this.#world.now + delayMs;
    return false;
  }

  #decide(): void {
    const { random, isCalm } = this.#faults;
    const isStale = !isCalm() && random() < 0.05;
    const { secret, configuration } = this.#world.read(
      this.#world.now - (isStale ? random() * MINUTE : 0),
      this.#clock,
    );
    if (this.#machine.clockProblem(this.#node.aheadMs(this.#world.now), this.#timing) !== undefined) {
      this.serving = undefined;
      this.readySince = undefined;
      this.#seenSince = new Map();
      this.dueAt = this.#nextDue([]);
      return;
    }
    this.#seenSince = stillSeen(configuration?.entries ?? [], this.#seenSince, this.#world.now);
    const observation: Observation = {
      secret,
      configuration,
      serving: this.serving,
      seenForMs: new Map([...this.#seenSince].map(([id, since]) => [id, this.#world.now - since])),
      now: this.#clock,
    };
    const { serving } = this;
    this.#isAccepted = configuration?.entries.every(({ cas }) =>
      cas.some(({ fingerprint }) => fingerprint === serving?.ca.fingerprint),
    );
    if (serving && this.#isAccepted && this.#clock < serving.notAfter) this.readySince ??= this.#world.now;

    const action = this.#machine.plan(observation, this.#timing);
    if (action.do === 'rest' || action.do === 'wait') {
      this.dueAt = this.#nextDue(this.#times(observation));
      return;
    }
    this.#decided = action;
    this.#decidedFor = observation.now;
    this.dueAt = this.#world.now + 5 + random() * (isCalm() ? 300 : 3 * SECOND);
  }

  /** Skips polls that would find nothing to do: the same objects, and no relevant time has passed. */
  #nextDue(times: readonly number[]): number {
    const world = this.#world;
    const now = this.#clock.getTime();
    const next = times.filter((time) => time > now).reduce((a, b) => Math.min(a, b), now + 6 * HOUR);
    const dueAt = Math.min(world.now + (next - now), this.#node.changesAt(world.now));
    return dueAt + this.#faults.random() * this.#timing.pollMs;
  }

  /** The times that can change a decision. */
  #times({ secret, now, serving, seenForMs }: Observation): number[] {
    const times = (secret?.cas ?? []).flatMap((ca) => {
      if ('key' in ca) {
        if (ca.state === 'pending') return [now.getTime() + this.#timing.pollMs];
        const unseen = this.#timing.propagationMs - (seenForMs.get(ca.fingerprint) ?? 0);
        return [ca.renewAt.getTime(), ca.notAfter.getTime(), ...(unseen > 0 ? [now.getTime() + unseen] : [])];
      }
      const leaves = leavesAt(ca, this.#timing).getTime();
      return [neededUntil(ca, this.#timing).getTime(), leaves, leaves + 7 * DAY, ca.notAfter.getTime()];
    });
    if (serving) times.push(serving.renewAt.getTime(), serving.notAfter.getTime());
    return times;
  }

  #perform(action: Action): boolean {
    const world = this.#world;
    switch (action.do) {
      case 'issue-serving': {
        const { ca } = action;
        // With an expired certificate, or a CA that is not in the caBundle, the replica has left the Service. It becomes ready again.
        if (!this.isReady || !this.#isAccepted) this.readySince &&= world.now;
        const issuedAt = this.#decidedFor.getTime();
        const notAfter = Math.min(issuedAt + this.#timing.servingLifetimeMs, ca.notAfter.getTime());
        this.serving = {
          ca,
          notAfter: new Date(notAfter - this.#timing.clockSkewMs),
          renewAt: new Date(issuedAt + (notAfter - issuedAt) * (2 / 3 + this.#faults.random() / 20)),
          leaf: { ca, notBefore: issuedAt - BACKDATE_MS, notAfter },
        };
        return false;
      }
      case 'write-bundle': {
        if (!isFor(action, world.bundles.last)) return false;
        world.bundles.set([action.caBundle, action.caBundle], world.now, false);
        world.bundleWrites += 1;
        return true;
      }
      case 'create-secret': {
        if (world.secret.last.value) return false;
        world.secret.set([], world.now, false);
        return true;
      }
      case 'add-ca':
      case 'write-secret': {
        if (!world.secret.last.value || !isFor(action, world.secret.last)) return false;
        if (action.do === 'add-ca') world.casMade += 1;
        const cas =
          action.do === 'write-secret'
            ? action.cas
            : [
                ...action.cas,
                {
                  ...world.issueCA(this.#decidedFor, this.#timing.caLifetimeMs),
                  key: 'key',
                  state: action.state,
                  since: this.#decidedFor,
                },
              ];
        world.writeSecret(cas);
        return true;
      }
      case 'wait':
      case 'rest':
        return false;
    }
  }
}

function isFor(action: { readonly resourceVersion: string }, stored: { readonly resourceVersion: string }): boolean {
  return action.resourceVersion === stored.resourceVersion || action.resourceVersion === ANY_VERSION;
}
