import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Timing } from '../../src/certificates/timing.ts';
import { describeCluster } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { Load } from './load.ts';
import type { Replica } from './replica.ts';
import { fingerprints, Installation, servedCertificate } from './self-installation.ts';

const SECOND_MS = 1_000;

/** Lives of seconds: of a serving certificate, a third is left when it is renewed, so that a busy machine can be late. */
const SHORT: Timing = {
  caLifetimeMs: 45 * SECOND_MS,
  servingLifetimeMs: 15 * SECOND_MS,
  propagationMs: 3 * SECOND_MS,
  clockSkewMs: SECOND_MS,
  pollMs: SECOND_MS,
};

/** Between two looks at what is served. */
const WATCH_INTERVAL_MS = 250;

describeCluster.concurrent('certificates that live for seconds, in the mode self', { timeout: 180 * SECOND_MS }, () => {
  test('over two rotations of the CA no call fails, though a replica is stopped for longer than its certificate lives', async () => {
    await using installation = await Installation.create();
    const replicas = await installation.startReady(3, { timing: SHORT });
    const [, , sleeper] = replicas;
    if (!sleeper) throw new Error('There is no third replica');
    const failOpens = await installation.failOpens();
    const load = new Load(installation);
    const watch = new Watch(installation);

    // Across the first change of the CA.
    await watch.until('a second CA', () => watch.cas.size > 1);
    installation.withdraw(sleeper);
    // Those that it had to answer have been, then.
    await load.next(2);
    await sleepFor(sleeper, SHORT.servingLifetimeMs);

    await watch.until('the first CA to leave', () => watch.gone.size > 0);
    await watch.until('the second CA to leave', () => watch.gone.size > 1, 2 * SHORT.caLifetimeMs);
    const { missed, created } = await load.stop();
    const { verified, problems } = await watch.stop();

    expect(problems).toEqual([]);
    expect(missed).toEqual([]);
    expect(created).toBeGreaterThan(100);
    expect(await installation.failOpens()).toBe(failOpens);
    // Renewed, with three replicas, several times for each CA.
    expect(verified).toBeGreaterThan(12);
    // No more than two at a time, and none that is not needed.
    expect(watch.cas.size).toBeGreaterThanOrEqual(3);
    expect(watch.most).toBe(2);
    expect(replicas.flatMap(({ lapses }) => lapses)).toEqual([]);
  });

  test('replicas that were all stopped until their CA had expired make a new one, and are not ready before', async () => {
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
});

/**
 * Stops a process that has been withdrawn for so long, and lets it go on. Its first answer must be that it is not ready: that
 * is what would keep a Service's calls away.
 */
async function sleepFor(replica: Replica, ms: number): Promise<void> {
  const before = await servedCertificate(replica);
  replica.pause();
  // Certificates end with a second, not within it.
  await delay(ms + SECOND_MS);
  const asked = replica.readiness();
  replica.resume();
  expect(await asked).toMatch(/^not ready: the serving certificate was usable until /);
  await replica.untilReady();
  expect(await servedCertificate(replica)).not.toBe(before);
  replica.isWithdrawn = false;
}

/** Looks at the caBundle and at what is served by it, over and over, and has openssl verify each new pair of the two. */
class Watch {
  /** Every CA that was in a caBundle. */
  readonly cas = new Set<string>();
  /** Those of them that have left it. */
  readonly gone = new Set<string>();
  /** The most that there were at once. */
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
      if (!current.includes(ca)) this.gone.add(ca);
      else if (this.gone.has(ca)) this.#problems.push(`${ca} came back`);
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
