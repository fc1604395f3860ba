import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Timing } from '../../src/certificates/timing.ts';
import { describeCluster } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { Load } from './load.ts';
import type { Replica } from './replica.ts';
import { fingerprints, Installation, servedCertificate } from './self-installation.ts';

const SECOND_MS = 1_000;

/** Lifetimes of seconds. Serving certificates are renewed with a third of their lifetime left, enough for a busy machine. */
const SHORT: Timing = {
  caLifetimeMs: 45 * SECOND_MS,
  servingLifetimeMs: 15 * SECOND_MS,
  propagationMs: 3 * SECOND_MS,
  clockSkewMs: SECOND_MS,
  pollMs: SECOND_MS,
};

/** Between two checks of the served certificates. */
const WATCH_INTERVAL_MS = 250;

describeCluster.concurrent(
  'in the mode self, with certificates that live for seconds,',
  { timeout: 180 * SECOND_MS },
  () => {
    test('no call fails during two CA rotations, even if a replica is paused until its certificate expires', async () => {
      await using installation = await Installation.create();
      const replicas = await installation.startReady(3, { timing: SHORT });
      const [, , sleeper] = replicas;
      if (!sleeper) throw new Error('There is no third replica');
      const failOpens = await installation.failOpens();
      const load = new Load(installation);
      const watch = new Watch(installation);

      // The pause spans the first change of the CA.
      await watch.until('a second CA', () => watch.cas.size > 1);
      installation.withdraw(sleeper);
      // By then, the replica has answered its calls in flight.
      await load.next(2);
      await sleepFor(sleeper, SHORT.servingLifetimeMs);

      await watch.until('the first CA to leave', () => watch.removed.size > 0);
      await watch.until('the second CA to leave', () => watch.removed.size > 1, 2 * SHORT.caLifetimeMs);
      const { missed, created } = await load.stop();
      const { verified, problems } = await watch.stop();

      expect(problems).toEqual([]);
      expect(missed).toEqual([]);
      expect(created).toBeGreaterThan(100);
      expect(await installation.failOpens()).toBe(failOpens);
      // Each of three replicas renews its certificate several times for each CA.
      expect(verified).toBeGreaterThan(12);
      // Never more than two CAs at a time.
      expect(watch.cas.size).toBeGreaterThanOrEqual(3);
      expect(watch.most).toBe(2);
      expect(replicas.flatMap(({ lapses }) => lapses)).toEqual([]);
    });

    test('replicas that are all paused until their CA expires create a new one before they become ready', async () => {
      await using installation = await Installation.create();
      const timing = { ...SHORT, caLifetimeMs: 30 * SECOND_MS };
      const replicas = await installation.startReady(2, { timing });
      const [before = ''] = await installation.caBundles();

      for (const replica of replicas) installation.withdraw(replica);
      await Promise.all(replicas.map((replica) => sleepFor(replica, timing.caLifetimeMs)));
      await installation.untilMutated();
      const load = new Load(installation);
      const failOpens = await installation.failOpens();
      await load.next(20);
      const [after = ''] = await installation.caBundles();
      expect(fingerprints(after)).toHaveLength(1);
      expect(fingerprints(after)).not.toEqual(fingerprints(before));
      for (const replica of replicas) expect(await installation.verify(replica, after)).toBeUndefined();
      expect(await installation.storedCAs()).toMatchObject([{ certificate: after, state: 'active' }]);

      const { missed } = await load.stop();
      expect(missed).toEqual([]);
      expect(await installation.failOpens()).toBe(failOpens);
    });
  },
);

/**
 * Pauses a withdrawn replica for this long, and resumes it. It must first answer that it is not ready: with a Service, this
 * would keep calls away.
 */
async function sleepFor(replica: Replica, ms: number): Promise<void> {
  const before = await servedCertificate(replica);
  replica.pause();
  // Certificates expire at the end of a second.
  await delay(ms + SECOND_MS);
  const asked = replica.readiness();
  replica.resume();
  expect(await asked).toMatch(/^not ready: the serving certificate was usable until /);
  await replica.untilReady();
  expect(await servedCertificate(replica)).not.toBe(before);
  replica.isWithdrawn = false;
}

/** Polls the caBundles and the served certificates, and verifies each new pair of them with openssl. */
class Watch {
  /** All CAs that have been in a caBundle. */
  readonly cas = new Set<string>();
  /** The CAs that have been removed from it. */
  readonly removed = new Set<string>();
  /** The highest number of CAs at once. */
  most = 0;
  readonly #installation: Installation;
  readonly #verified = new Set<string>();
  readonly #problems: string[] = [];
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  constructor(installation: Installation) {
    this.#installation = installation;
    this.#running = this.#run();
    this.#running.catch(() => {});
  }

  until(what: string, isSo: () => boolean, timeoutMs = 2 * SHORT.caLifetimeMs): Promise<true> {
    return eventually(what, async () => isSo() || undefined, timeoutMs);
  }

  async stop(): Promise<{ readonly verified: number; readonly problems: readonly string[] }> {
    this.#stopping.abort();
    await this.#running;
    return { verified: this.#verified.size, problems: this.#problems };
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const caBundles = await this.#installation.caBundles();
      for (const caBundle of caBundles) this.#note(fingerprints(caBundle));
      const awake = this.#installation.replicas.filter(({ isWithdrawn }) => !isWithdrawn);
      await Promise.all(awake.flatMap((replica) => caBundles.map((caBundle) => this.#verify(replica, caBundle))));
      await delay(WATCH_INTERVAL_MS);
    }
  }

  #note(current: readonly string[]): void {
    for (const ca of current) this.cas.add(ca);
    for (const ca of this.cas) {
      if (!current.includes(ca)) this.removed.add(ca);
      else if (this.removed.has(ca)) this.#problems.push(`${ca} came back`);
    }
    this.most = Math.max(this.most, current.length);
  }

  async #verify(replica: Replica, caBundle: string): Promise<void> {
    const pair = `${await servedCertificate(replica)} ${caBundle}`;
    if (this.#verified.has(pair)) return;
    this.#verified.add(pair);
    const problem = await this.#installation.verify(replica, caBundle);
    if (problem !== undefined) this.#problems.push(problem);
  }
}
