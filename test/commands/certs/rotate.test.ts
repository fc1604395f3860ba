import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { CA, FormerCA, SigningCA } from '../../../src/certificates/ca.ts';
import { readSecretContent, writeSecretContent } from '../../../src/certificates/ca-secret.ts';
import { issueServingCertificate, type KeyedCertificate } from '../../../src/certificates/issue.ts';
import { newCA } from '../../../src/certificates/new-ca.ts';
import { Rotator } from '../../../src/certificates/rotator.ts';
import { leavesAt, TIMING } from '../../../src/certificates/timing.ts';
import { Conflict, type TrustStore } from '../../../src/certificates/trust-store.ts';
import { certsRotate, type RotateOptions } from '../../../src/commands/certs/rotate.ts';
import { run } from '../../../src/commands/program.ts';
import type { Served } from '../../../src/installation/served.ts';
import { type Answer, type ReceivedRequest, writeKubeconfig } from '../../support/api-server.ts';
import { validFor } from '../../support/certificates.ts';
import { testContext } from '../../support/context.ts';
import { environment } from '../../support/environment.ts';
import { MemoryTrustStore } from '../../support/memory-trust-store.ts';
import { startPod, startTrustApi } from '../../support/trust-api.ts';

const HOUR_MS = 3_600_000;

/** Timing for tests: what takes minutes in a cluster takes a fraction of a second. */
const HASTE = { ...TIMING, propagationMs: 200, pollMs: 20 };

let old: SigningCA;
let fresh: SigningCA;
let byOld: KeyedCertificate;
let byFresh: KeyedCertificate;

beforeAll(async () => {
  const now = new Date();
  old = await newCA('active', new Date(now.getTime() - 48 * HOUR_MS), TIMING.caLifetimeMs);
  fresh = await newCA('active', now, TIMING.caLifetimeMs);
  byOld = await issueServingCertificate({ ca: old, names: ['localhost'], ...validFor(24, now) });
  byFresh = await issueServingCertificate({ ca: fresh, names: ['localhost'], ...validFor(24, now) });
});

function formerly({ key, ...certificate }: SigningCA, state: FormerCA['state'], since = new Date()): FormerCA {
  return { ...certificate, state, since };
}

/** The active CA, which became active this long ago. */
function activeFor(ms: number): SigningCA {
  return { ...fresh, since: new Date(Date.now() - ms) };
}

function storeOf(cas: readonly CA[], registered: readonly CA[] = cas): MemoryTrustStore {
  const store = new MemoryTrustStore();
  const bundle = registered.map(({ cert }) => cert).join('');
  store.putSecret(writeSecretContent(cas));
  store.putBundles([bundle, bundle]);
  return store;
}

function casOf(store: MemoryTrustStore): readonly CA[] {
  const { cas, refused } = readSecretContent(store.secret?.content, new Date());
  expect(refused).toEqual([]);
  return cas;
}

const serves = ({ cert }: Pick<KeyedCertificate, 'cert'>, pod = 'pod-0'): Served => ({
  pod,
  certificate: new X509Certificate(cert),
  refusals: [],
});

/** An error after which the command retries. */
class Passing extends Error {}

type Call = Exclude<keyof TrustStore, 'clockAheadMs' | 'reconnect'>;

/** A store whose calls can fail before they are made, or lose their answer. Counts the calls by method. */
function through(
  store: TrustStore,
  faultOf: (call: Call, count: number) => 'refused' | 'lost' | undefined,
): TrustStore {
  const counts = new Map<Call, number>();
  const faulty =
    <A extends readonly unknown[], T>(call: Call, act: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      const count = (counts.get(call) ?? 0) + 1;
      counts.set(call, count);
      const fault = faultOf(call, count);
      if (fault === 'refused') throw new Passing(`cannot ${call}`);
      const result = await act(...args);
      if (fault === 'lost') throw new Passing(`no answer to ${call}`);
      return result;
    };
  return {
    ...store,
    readSecret: faulty('readSecret', store.readSecret),
    readConfiguration: faulty('readConfiguration', store.readConfiguration),
    writeSecret: faulty('writeSecret', store.writeSecret),
  };
}

/** Runs the command against a store and the Pods' certificates. */
async function rotate(
  store: TrustStore,
  served: () => readonly Served[],
  { isTTY = false, ...options }: Partial<RotateOptions> & { isTTY?: boolean } = {},
) {
  const { context, written } = testContext({ isTTY });
  const installation = {
    cluster: 'a cluster',
    store,
    served: async () => [{ namespace: 'n', name: 's', served: served() }],
    mayPass: (error: unknown) => error instanceof Passing,
  };
  const exitCode = await certsRotate(
    installation,
    { distrustOld: false, timeoutMs: 20_000, pollMs: 10, ...options },
    context,
  );
  return { exitCode, ...written, progress: written.stderr.split('\n').slice(0, -1) };
}

/** Replicas at rest that share a store. */
async function replicas(store: MemoryTrustStore, count = 3) {
  const rotators = Array.from({ length: count }, () => {
    const events = {
      onServing: () => {},
      onCABundle: () => {},
      onCABundleWritten: () => {},
      onClock: () => {},
      onRefused: () => {},
      onError: () => {},
    };
    const logger = { info: () => {}, warn: () => {} };
    const rotator = new Rotator({ store, names: ['localhost'], logger, timing: HASTE, events });
    onTestFinished(() => rotator.stop());
    return rotator;
  });
  await Promise.all(rotators.map((rotator) => rotator.start()));
  return () => rotators.map(({ serving }, index) => serves({ cert: serving?.cert ?? '' }, `pod-${index}`));
}

const short = ({ fingerprint }: { readonly fingerprint: string }) => `CA ${fingerprint.slice(0, 12)}`;

describe('certs rotate', () => {
  test('makes all replicas serve from a new CA, and says when the old one leaves', async () => {
    const store = new MemoryTrustStore();
    const served = await replicas(store);
    const [before] = casOf(store);
    const { exitCode, stdout, stderr } = await rotate(store, served);
    const [first, second] = casOf(store);
    expect([first, second]).toMatchObject([
      { state: 'retired', fingerprint: before?.fingerprint },
      { state: 'active', notBefore: expect.any(Date) },
    ]);
    const lifetimeMs = Number(second?.notAfter) - Number(second?.notBefore) - HOUR_MS;
    expect(lifetimeMs).toBe(TIMING.caLifetimeMs);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      `3 of 3 ready Pods serve certificates from ${second && short(second)}\n` +
        `${first && short(first)} leaves the caBundle at ${leavesAt(first as FormerCA, TIMING).toISOString()}\n`,
    );
    for (const one of served()) {
      expect('certificate' in one && one.certificate.verify(new X509Certificate(second?.cert ?? '').publicKey)).toBe(
        true,
      );
    }
  });

  test('prints each step once on a terminal', async () => {
    const store = new MemoryTrustStore();
    const served = await replicas(store, 1);
    const { progress, stdout } = await rotate(store, served, { isTTY: true });
    const name = short(casOf(store)[1] as CA);
    expect(progress[0]).toBe(`created ${name}`);
    expect(progress).toContain(
      `${name} is in the caBundle and starts signing once every API server has seen it, in about a minute`,
    );
    expect(new Set(progress).size).toBe(progress.length);
    expect(stdout).not.toContain('made');
  });

  test('with --distrust-old leaves only the new CA trusted', async () => {
    const store = new MemoryTrustStore();
    const served = await replicas(store);
    const { exitCode, stdout } = await rotate(store, served, { distrustOld: true });
    const [first, second] = casOf(store);
    expect([first?.state, second?.state]).toEqual(['distrusted', 'active']);
    expect(store.bundles).toEqual([second?.cert, second?.cert]);
    expect([exitCode, stdout]).toEqual([
      0,
      `3 of 3 ready Pods serve certificates from ${second && short(second)}\nno other CA is trusted anymore\n`,
    ]);
  });

  test('continues a rotation in progress, even if two start at once', async () => {
    const store = new MemoryTrustStore();
    const served = await replicas(store);
    const both = await Promise.all([rotate(store, served, { isTTY: true }), rotate(store, served, { isTTY: true })]);
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(casOf(store).map(({ state }) => state)).toEqual(['retired', 'active']);
    expect(both.map(({ progress }) => progress[0]).sort()).toEqual([
      // When the second one reads again, the replicas may already have promoted the new CA.
      expect.stringMatching(/^a rotation is (in progress|unfinished): continuing it$/),
      `created ${short(casOf(store)[1] as CA)}`,
    ]);
  });

  test('with --distrust-old prints when the CA it has continued with was created, because its key may have leaked, too', async () => {
    const store = new MemoryTrustStore();
    const served = await replicas(store, 1);
    const pending: SigningCA = { ...fresh, state: 'pending' };
    store.putSecret(writeSecretContent([...casOf(store), pending]));
    const { exitCode, stdout } = await rotate(store, served, { distrustOld: true });
    expect(exitCode).toBe(0);
    const madeAt = new Date(fresh.notBefore.getTime() + HOUR_MS).toISOString();
    expect(stdout.split('\n').at(-2)).toBe(
      `${short(fresh)} was created at ${madeAt}: if a key leaked after that, run this command again`,
    );
  });

  test('continues when it is run again', async () => {
    const store = new MemoryTrustStore();
    const served = await replicas(store, 1);
    const { exitCode, stderr, stdout } = await rotate(store, served, { timeoutMs: 0 });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: timed out after 0 s: CA \w{12} is .*; run this command again to keep waiting\n$/);
    expect((await rotate(store, served)).exitCode).toBe(0);
    expect(casOf(store).map(({ state }) => state)).toEqual(['retired', 'active']);
  });
});

describe('certs rotate, if the new CA already signs,', () => {
  test('waits for the Pods that use the old one, and writes nothing', async () => {
    const store = storeOf([formerly(old, 'retired'), activeFor(1_000)]);
    let looks = 0;
    const served = () => {
      looks += 1;
      return [serves(looks > 3 ? byFresh : byOld), serves(byFresh, 'pod-1')];
    };
    const { exitCode, progress, stdout } = await rotate(store, served, { isTTY: true });
    expect([exitCode, store.writes]).toEqual([0, []]);
    expect(progress).toEqual([
      'a rotation is unfinished: continuing it',
      `1 of 2 ready Pods serve certificates from ${short(fresh)}`,
    ]);
    expect(stdout).toMatch(
      `2 of 2 ready Pods serve certificates from ${short(fresh)}\n${short(old)} leaves the caBundle at `,
    );
  });

  test.for([
    { name: 'it started less than an hour ago', ms: HOUR_MS - 10_000, registered: true, by: 'old', goesOn: true },
    { name: 'it started more than an hour ago', ms: HOUR_MS + 1, registered: true, by: 'old', goesOn: false },
    { name: 'the old CA is no longer registered', ms: 0, registered: false, by: 'old', goesOn: false },
    { name: 'no Pod uses the old CA', ms: 0, registered: true, by: 'fresh', goesOn: false },
  ])('continues: $goesOn, because $name', async ({ ms, registered, by, goesOn }) => {
    const cas = [formerly(old, 'retired'), activeFor(ms)];
    const store = storeOf(cas, registered ? cas : cas.slice(1));
    await rotate(store, () => [serves(by === 'old' ? byOld : byFresh)], { timeoutMs: 0 });
    expect(store.writes).toEqual(goesOn ? [] : ['writeSecret']);
    expect(casOf(store).map(({ state }) => state)).toEqual(['retired', 'active', ...(goesOn ? [] : ['pending'])]);
  });

  test('still distrusts the old one, even if no Pod uses it', async () => {
    const cas = [formerly(old, 'retired', new Date(Date.now() - 2 * HOUR_MS)), activeFor(0)];
    const store = storeOf(cas);
    const { exitCode, stderr, stdout } = await rotate(store, () => [serves(byFresh)], {
      distrustOld: true,
      timeoutMs: 0,
    });
    expect(casOf(store)).toMatchObject([{ state: 'distrusted' }, { state: 'active' }]);
    expect(casOf(store)[0]?.since.getTime()).toBeGreaterThan(Date.now() - 60_000);
    // No replica is running to remove it.
    expect([exitCode, stdout]).toEqual([1, `1 of 1 ready Pods serve certificates from ${short(fresh)}\n`]);
    expect(stderr).toBe(
      `error: timed out after 0 s: ${short(old)} is still in the caBundle; run this command again to keep waiting\n`,
    );
  });

  test('says so on a terminal, and prints when the new CA was created', async () => {
    const store = storeOf([formerly(old, 'retired'), activeFor(0)]);
    store.after = (operation) => {
      if (operation === 'writeSecret') store.putBundles([fresh.cert, fresh.cert]);
    };
    const { exitCode, progress, stdout } = await rotate(store, () => [serves(byFresh)], {
      distrustOld: true,
      isTTY: true,
    });
    const madeAt = new Date(fresh.notBefore.getTime() + HOUR_MS).toISOString();
    expect(progress).toEqual(['a rotation is unfinished: continuing it', 'the previous CAs are distrusted']);
    expect([exitCode, stdout]).toEqual([
      0,
      `1 of 1 ready Pods serve certificates from ${short(fresh)}\nno other CA is trusted anymore\n` +
        `${short(fresh)} was created at ${madeAt}: if a key leaked after that, run this command again\n`,
    ]);
    // The next run creates another CA, because there is nothing to continue.
    await rotate(store, () => [serves(byFresh)], { distrustOld: true, timeoutMs: 0 });
    expect(casOf(store).map(({ state }) => state)).toEqual(['distrusted', 'active', 'pending']);
  });

  test('does not change a distrusted CA', async () => {
    const since = new Date(Date.now() - 5_000);
    const third = await newCA('active', new Date(), TIMING.caLifetimeMs);
    const cas = [formerly(old, 'distrusted', since), formerly(third, 'retired'), activeFor(0)];
    const store = storeOf(cas, [formerly(third, 'retired'), fresh]);
    await rotate(store, () => [serves(byFresh)], { distrustOld: true, timeoutMs: 0 });
    expect(casOf(store)).toMatchObject([{ state: 'distrusted', since }, { state: 'distrusted' }, { state: 'active' }]);
  });

  test('prints no time for a CA that is not in the caBundle', async () => {
    const cas = [formerly(old, 'retired'), activeFor(0)];
    const third = await newCA('active', new Date(), TIMING.caLifetimeMs);
    const store = storeOf([formerly(third, 'retired'), ...cas], cas);
    let looks = 0;
    const { stdout } = await rotate(store, () => {
      looks += 1;
      return [serves(looks > 1 ? byFresh : byOld)];
    });
    expect(stdout).toContain(`${short(old)} leaves`);
    expect(stdout).not.toContain(short(third));
  });
});

describe('certs rotate fails', () => {
  const timeoutMs = 0;

  test('while no Pod is ready', async () => {
    const store = storeOf([formerly(old, 'retired'), activeFor(0)]);
    let looks = 0;
    const { exitCode, stderr } = await rotate(
      store,
      () => {
        looks += 1;
        return looks > 1 ? [] : [serves(byOld)];
      },
      { timeoutMs },
    );
    expect([exitCode, stderr]).toEqual([
      1,
      'error: timed out after 0 s: no Pod is ready; run this command again to keep waiting\n',
    ]);
  });

  test('while a Pod cannot be dialed', async () => {
    const store = storeOf([formerly(old, 'retired'), activeFor(0)]);
    const served = () => [serves(byOld), serves(byFresh, 'pod-1'), { pod: 'pod-2', problem: 'Pod pod-2 is silent' }];
    const { exitCode, stderr } = await rotate(store, served, { timeoutMs });
    expect([exitCode, stderr]).toEqual([
      1,
      'error: timed out after 0 s: Pod pod-2 is silent; run this command again to keep waiting\n',
    ]);
  });

  test('while the new CA is not in the caBundle', async () => {
    const pending: SigningCA = { ...fresh, state: 'pending' };
    const store = storeOf([old, pending], [old]);
    const { exitCode, stderr } = await rotate(store, () => [serves(byOld)], { timeoutMs });
    expect([exitCode, stderr]).toEqual([
      1,
      `error: timed out after 0 s: ${short(fresh)} is not in the caBundle yet; run this command again to keep waiting\n`,
    ]);
  });

  test('if no CA signs', async () => {
    const store = storeOf([formerly(old, 'retired')]);
    await expect(rotate(store, () => [serves(byOld)])).rejects.toThrow(
      'Cannot rotate: there is no active CA yet; see `certs status`',
    );
    expect(store.writes).toEqual([]);
  });

  test.for([
    { name: 'was retired', cas: (): CA[] => [formerly(fresh, 'retired'), old] },
    { name: 'was removed', cas: (): CA[] => [old] },
  ])('if the new CA $name', async ({ cas }) => {
    const store = storeOf([old, { ...fresh, state: 'pending' }]);
    let looks = 0;
    const served = () => {
      looks += 1;
      if (looks === 2) store.putSecret(writeSecretContent(cas()));
      return [serves(byOld)];
    };
    await expect(rotate(store, served)).rejects.toThrow(
      `Cannot continue: ${short(fresh)} was replaced in the meantime`,
    );
  });

  test('after eleven conflicts', async () => {
    const store = storeOf([old]);
    store.before = (operation) => {
      if (operation === 'writeSecret') store.putSecret(store.secret?.content);
    };
    await expect(rotate(store, () => [serves(byOld)])).rejects.toThrow(Conflict);
    expect(store.writes).toHaveLength(11);
  });

  test('without permission to write, immediately', async () => {
    const store = storeOf([old]);
    store.before = (operation) => {
      if (operation === 'writeSecret') throw new Error('secrets is forbidden');
    };
    await expect(rotate(store, () => [serves(byOld)])).rejects.toThrow('secrets is forbidden');
    expect(store.writes).toHaveLength(1);
  });
});

/** A replica without delays: it promotes pending CAs, and removes distrusted ones. Returns the promoted CAs. */
function hasty(store: MemoryTrustStore) {
  const made: string[] = [];
  store.after = () => {
    const cas = casOf(store);
    const pending = cas.find(({ state }) => state === 'pending');
    const promoted = cas.map((ca): CA => {
      if (ca.state === 'pending') return { ...ca, state: 'active' };
      return ca.state === 'active' && pending ? formerly(ca, 'retired') : ca;
    });
    if (pending) {
      made.push(pending.fingerprint);
      store.putSecret(writeSecretContent(promoted));
    }
    const bundle = promoted.flatMap(({ state, cert }) => (state === 'distrusted' ? [] : [cert])).join('');
    if (store.bundles[0] !== bundle) store.putBundles([bundle, bundle]);
  };
  const served = (): Served[] => {
    const active = casOf(store).find(({ state }) => state === 'active');
    return active ? [serves(active)] : [];
  };
  return { made, served };
}

describe('certs rotate --distrust-old with an unreliable API server', () => {
  const distrustOld = true;

  test('leaves only the new CA trusted, and prints each failure once', async () => {
    const store = new MemoryTrustStore();
    const served = await replicas(store);
    const faulty = through(store, (call, count) => {
      if (call === 'writeSecret') return 'lost';
      return count % 4 === (call === 'readSecret' ? 1 : 2) ? 'refused' : undefined;
    });
    const { exitCode, stdout, stderr } = await rotate(faulty, served, { distrustOld });
    const [first, second, ...others] = casOf(store);
    expect([first?.state, second?.state, others]).toEqual(['distrusted', 'active', []]);
    expect(store.bundles).toEqual([second?.cert, second?.cert]);
    expect([exitCode, stdout]).toEqual([
      0,
      `3 of 3 ready Pods serve certificates from ${second && short(second)}\nno other CA is trusted anymore\n`,
    ]);
    expect(new Set(stderr.split('\n').slice(0, -1))).toEqual(
      new Set([
        'warning: cannot readSecret; retrying',
        'warning: cannot readConfiguration; retrying',
        'warning: no answer to writeSecret; retrying',
      ]),
    );
  });

  test('prints a continuing failure once', async () => {
    const store = new MemoryTrustStore();
    const served = await replicas(store, 1);
    const { exitCode, stderr } = await rotate(
      through(store, (call, count) => (call === 'readSecret' && count < 9 ? 'refused' : undefined)),
      served,
      { distrustOld },
    );
    expect([exitCode, stderr]).toEqual([0, 'warning: cannot readSecret; retrying\n']);
  });

  test.for(['refused', 'lost'] as const)(
    'creates one CA and distrusts once if each first write is %s',
    async (fault) => {
      const store = storeOf([activeFor(2 * HOUR_MS)]);
      const { made, served } = hasty(store);
      const { exitCode, stdout } = await rotate(
        through(store, (call, count) => (call === 'writeSecret' && count % 2 === 1 ? fault : undefined)),
        served,
        { distrustOld },
      );
      expect([exitCode, made.length, store.writes]).toEqual([0, 1, ['writeSecret', 'writeSecret']]);
      expect(casOf(store).map(({ state }) => state)).toEqual(['distrusted', 'active']);
      // It created this CA itself just now, so it prints no warning.
      expect(stdout.split('\n').slice(0, -1).at(-1)).toBe('no other CA is trusted anymore');
    },
  );

  test('recognizes its own CA even if it was written after the request timed out', async () => {
    const store = storeOf([activeFor(2 * HOUR_MS)]);
    let late: (() => Promise<void>) | undefined;
    const faulty: TrustStore = {
      ...store,
      writeSecret: async (...args) => {
        if (late) await late();
        else {
          late = () => store.writeSecret(...args);
          throw new Passing('no answer');
        }
        await store.writeSecret(...args);
      },
    };
    const { served } = hasty(store);
    const { exitCode, progress } = await rotate(faulty, served, { isTTY: true });
    const [, made, ...others] = casOf(store);
    expect([exitCode, others]).toEqual([0, []]);
    expect(progress).toEqual(['warning: no answer; retrying', `created ${short(made as CA)}`]);
  });

  test('continues with a CA that another client has created in the meantime', async () => {
    const store = storeOf([activeFor(2 * HOUR_MS)]);
    const third = await newCA('active', new Date(), TIMING.caLifetimeMs);
    const faulty = through(store, (call) => {
      if (call !== 'writeSecret') return undefined;
      store.putSecret(writeSecretContent([formerly(fresh, 'retired'), third]));
      store.putBundles([third.cert, third.cert]);
      return 'refused';
    });
    const served = (): Served[] => [serves(third)];
    const { progress } = await rotate(faulty, served, { isTTY: true });
    expect(progress).toEqual(['warning: cannot writeSecret; retrying', 'a rotation is unfinished: continuing it']);
    expect(casOf(store).map(({ state }) => state)).toEqual(['retired', 'active']);
  });

  test.for([
    { phase: 'begin', exitCode: 2, failing: (count: number) => count > 0 },
    { phase: 'wait for the Pods', exitCode: 2, failing: (count: number) => count > 1 },
    { phase: 'wait for the caBundle', exitCode: 2, failing: (count: number) => count > 3 },
  ])('exits with $exitCode after a timeout if it cannot $phase', async ({ exitCode, failing }) => {
    const store = storeOf([formerly(old, 'retired'), activeFor(0)]);
    const faulty = through(store, (call, count) => (call === 'readSecret' && failing(count) ? 'refused' : undefined));
    const ended = await rotate(faulty, () => [serves(byFresh)], { distrustOld, timeoutMs: 1_000 });
    expect(ended).toMatchObject({
      exitCode,
      stderr:
        'warning: cannot readSecret; retrying\n' +
        'error: timed out after 1 s: cannot readSecret; run this command again to keep waiting\n',
    });
  });

  test('does not announce retries that it does not make', async () => {
    const faulty = through(storeOf([activeFor(0)]), () => 'refused');
    const { exitCode, stderr } = await rotate(faulty, () => [], { timeoutMs: 0 });
    expect([exitCode, stderr]).toEqual([
      2,
      'error: timed out after 0 s: cannot readSecret; run this command again to keep waiting\n',
    ]);
  });

  test('continues when it is run again, wherever it was interrupted', async () => {
    for (const state of ['retired', 'distrusted'] as const) {
      const cas = [formerly(old, state), activeFor(60_000)];
      const store = storeOf(cas);
      const interrupted = await rotate(store, () => [serves(byFresh)], { distrustOld, timeoutMs: 0, isTTY: true });
      expect(interrupted.progress).toContain('a rotation is unfinished: continuing it');
      expect(casOf(store).map((ca) => ca.state)).toEqual(['distrusted', 'active']);
      expect(store.writes).toHaveLength(state === 'retired' ? 1 : 0);

      store.putBundles([fresh.cert, fresh.cert]);
      const { exitCode, progress } = await rotate(store, () => [serves(byFresh)], { timeoutMs: 0, isTTY: true });
      expect([exitCode, progress[0]]).toEqual([1, expect.stringMatching(/^created CA/)]);
    }
  });

  test('distrusts nothing if its own CA no longer signs', async () => {
    const store = storeOf([formerly(old, 'retired'), activeFor(0)]);
    const third = await newCA('active', new Date(), TIMING.caLifetimeMs);
    const faulty = through(store, (call, count) => {
      // The third read is the one before the write.
      if (call === 'readSecret' && count === 3) {
        store.putSecret(writeSecretContent([formerly(old, 'retired'), formerly(fresh, 'retired'), third]));
      }
      return undefined;
    });
    const rotating = rotate(faulty, () => [serves(byFresh)], { distrustOld });
    await expect(rotating).rejects.toThrow(`Cannot continue: ${short(fresh)} was replaced in the meantime`);
    expect(store.writes).toEqual([]);
  });
});

describe('gateway-name-webhook certs rotate', () => {
  async function cli(...args: readonly string[]) {
    const { context, written } = testContext();
    const exitCode = await run(
      ['certs', 'rotate', '--ca-secret', 'n/s', '--webhook-configuration', 'c', ...args],
      context,
    );
    return { exitCode, ...written };
  }

  /** An API server with one Pod that uses the active CA. No replica repairs the caBundle. */
  async function api(...cas: readonly CA[]) {
    const endpoints = [{ conditions: {}, targetRef: { kind: 'Pod', name: 'pod-0' } }];
    const bundle = cas.map(({ cert }) => cert).join('');
    const answers: { refuse?: ((request: ReceivedRequest) => Answer | undefined) | undefined } = {};
    const made = await startTrustApi({
      refuse: (request) => answers.refuse?.(request),
      secret: writeSecretContent(cas),
      caBundles: [bundle],
      clientConfig: { service: { namespace: 'n', name: 'c' } },
      answer: () => [200, { items: [{ ports: [{ name: 'https', port: 1 }], endpoints }] }],
    });
    made.pods.set('pod-0', await startPod(byFresh));
    return { ...made, answers };
  }

  test('adds a pending CA to the Secret', async () => {
    const { requests } = await api(fresh);
    const { exitCode, stderr } = await cli('--timeout', '0');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^writing to https:\/\/\S+ \(context first\)\nerror: timed out after 0 s: CA \w{12} is not in the caBundle yet; /,
    );
    const [written, ...others] = requests.filter(({ method }) => method !== 'GET');
    expect(others).toEqual([]);
    const body = written?.body as { data?: Record<string, string> } | undefined;
    const stored = JSON.parse(Buffer.from(body?.data?.['cas.json'] ?? '', 'base64').toString());
    expect(stored).toMatchObject([{ state: 'active' }, { state: 'pending' }]);
  });

  test('uses the clock of the API server, because the local one may be wrong', async () => {
    const { requests, clock } = await api(activeFor(13 * HOUR_MS));
    clock.date = () => new Date(Date.now() - 12 * HOUR_MS).toUTCString();
    await cli('--timeout', '0');
    const body = requests.find(({ method }) => method === 'PATCH')?.body as { data?: Record<string, string> };
    const [, pending] = JSON.parse(Buffer.from(body.data?.['cas.json'] ?? '', 'base64').toString());
    const [hours, backdated] = [pending.since, new X509Certificate(pending.certificate).validFrom].map((time) => {
      return Math.round((Date.now() - new Date(time).getTime()) / HOUR_MS);
    });
    expect([hours, backdated]).toEqual([12, 13]);
  });

  test('distrusts the old CAs with --distrust-old', async () => {
    const { requests } = await api(formerly(old, 'retired'), activeFor(0));
    const { exitCode, stderr } = await cli('--distrust-old', '--timeout', '0');
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining(
        `\nerror: timed out after 0 s: ${short(old)} is still in the caBundle; run this command again to keep waiting\n`,
      ),
    ]);
    expect(requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
  });

  test('retries after temporary failures of the API server, but not if it is unreachable', async () => {
    const { requests, answers } = await api(fresh);
    const failed = new Set<string>();
    answers.refuse = ({ path }) => {
      const [kind] = ['/secrets/', '/mutatingwebhookconfigurations/'].filter((part) => path.includes(part));
      if (kind === undefined || failed.has(kind)) return undefined;
      failed.add(kind);
      return [503, { message: `no ${kind}` }];
    };
    const { exitCode, stderr } = await cli('--timeout', '1');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^warning: .* no \/mutating.*\/; retrying\nwriting to .*\nwarning: .* no \/secrets\/; retrying\nerror: .*\n$/,
    );
    expect(requests.filter(({ method }) => method === 'PATCH')).toHaveLength(1);

    environment({ KUBECONFIG: writeKubeconfig({ server: 'https://127.0.0.1:1', ca: fresh.cert }) });
    expect(await cli()).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/^writing to .*\nerror: Cannot reach .*\n$/),
    });
  });

  test('exits with 1 if it cannot rotate', async () => {
    await api();
    const says = 'error: Cannot rotate: there is no active CA yet; see `certs status`\n';
    expect(await cli()).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringContaining(`\n${says}`) });
  });

  test.for(['5d', '-1', '', '86401', '24h1s'])('exits with 2 for a timeout of "%s"', async (timeout) => {
    const { exitCode, stderr } = await cli(`--timeout=${timeout}`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Expected a duration such as 10m, at most 24h.');
  });

  test('waits for the given number of seconds', async () => {
    await api(formerly(old, 'retired'), { ...fresh, state: 'pending' });
    const startedAt = performance.now();
    const { exitCode, stderr } = await cli('--timeout', '1');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_000);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('\nerror: timed out after 1 s: ')]);
  });

  test('accepts a timeout of one day', async () => {
    await api();
    for (const timeout of ['86400', '24h', '1m30s']) {
      expect((await cli('--timeout', timeout)).stderr).toContain('Cannot rotate');
    }
  });
});
