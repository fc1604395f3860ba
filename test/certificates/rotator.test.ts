import { createPrivateKey, X509Certificate } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { readBundle } from '../../src/certificates/ca.ts';
import { readSecretContent, writeSecretContent } from '../../src/certificates/ca-secret.ts';
import { newCA } from '../../src/certificates/new-ca.ts';
import type { ServingCertificate } from '../../src/certificates/plan.ts';
import { Rotator, type RotatorOptions } from '../../src/certificates/rotator.ts';
import { TIMING } from '../../src/certificates/timing.ts';
import { hoursLater, ISSUED_AT as NOW } from '../support/certificates.ts';
import { MemoryTrustStore } from '../support/memory-trust-store.ts';

const NAMES = ['webhook.a-namespace.svc', '10.0.0.1'];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'], now: NOW });
  // Always the longest interval between polls, so that tests know when the next one is due.
  vi.spyOn(Math, 'random').mockReturnValue(1);
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

interface Line {
  readonly level: string;
  readonly message: string;
  readonly reason?: string;
}

function rotatorOf(store: MemoryTrustStore, options: Partial<RotatorOptions> = {}) {
  const lines: Line[] = [];
  const log = (level: string) => (fields: object | string, message: string) =>
    void lines.push(typeof fields === 'string' ? { level, message: fields } : { level, message, ...fields });
  const reported = {
    served: [] as ServingCertificate[],
    inSync: [] as boolean[],
    clock: [] as number[],
    written: 0,
    refused: 0,
    errors: 0,
  };
  const rotator = new Rotator({
    store,
    names: NAMES,
    logger: { info: log('info'), warn: log('warn') } as RotatorOptions['logger'],
    timing: TIMING,
    events: {
      onServing: (serving) => reported.served.push(serving),
      onCABundle: (isInSync) => reported.inSync.push(isInSync),
      onCABundleWritten: () => {
        reported.written += 1;
      },
      onClock: (aheadMs) => reported.clock.push(aheadMs),
      onRefused: () => {
        reported.refused += 1;
      },
      onError: () => {
        reported.errors += 1;
      },
    },
    ...options,
  });
  onTestFinished(() => rotator.stop());
  const messages = () => lines.map(({ message }) => message);
  return { rotator, lines, messages, reported };
}

/** Advances the time to the next poll, and waits until it has ended, when the next timer is set. */
async function poll(ms: number = TIMING.pollMs): Promise<void> {
  vi.advanceTimersByTime(ms);
  do await turn();
  while (vi.getTimerCount() === 0);
}

/** The CAs of the Secret, as the program reads them now. */
function secretOf(store: MemoryTrustStore) {
  return readSecretContent(store.secret?.content, new Date());
}

function states(store: MemoryTrustStore): string[] {
  return secretOf(store).cas.map(({ state }) => state);
}

/** Whether a client that trusts a caBundle accepts a certificate: its issuer, its dates and its name. */
function accepts(caBundle: string | undefined, serving: ServingCertificate | undefined): boolean {
  const certificate = new X509Certificate(serving?.cert ?? '');
  const now = new Date();
  return (
    readBundle(caBundle ?? '').some(({ cert, notBefore, notAfter }) => {
      const ca = new X509Certificate(cert);
      return certificate.checkIssued(ca) && certificate.verify(ca.publicKey) && notBefore <= now && now < notAfter;
    }) &&
    certificate.checkHost(NAMES[0] ?? '') !== undefined &&
    certificate.checkIP(NAMES[1] ?? '') !== undefined &&
    certificate.checkPrivateKey(createPrivateKey(serving?.key ?? '')) &&
    certificate.validFromDate <= now &&
    now < certificate.validToDate
  );
}

/** A promise that the test resolves. */
function gate() {
  return Promise.withResolvers<void>();
}

describe('Rotator on the first start', () => {
  test('issues a CA, publishes it and serves with it, with one write each', async () => {
    const store = new MemoryTrustStore();
    const { rotator, reported, lines } = rotatorOf(store);
    expect([rotator.serving, rotator.servableUntil, rotator.caBundles]).toEqual([undefined, undefined, []]);
    expect(rotator.problem).toBe('the API server has not been contacted yet');

    await rotator.start();
    expect(store.writes).toEqual(['writeSecret', 'writeBundle']);
    const [ca] = secretOf(store).cas;
    expect(ca).toMatchObject({ state: 'active', since: NOW, notAfter: hoursLater(24 * 365) });
    expect(store.bundles).toEqual([ca?.cert, ca?.cert]);
    expect(rotator.caBundles).toEqual([ca?.cert]);
    expect(accepts(store.bundles[0], rotator.serving)).toBe(true);
    expect(rotator.serving).toMatchObject({ ca: ca?.cert, notAfter: hoursLater(24), caNotAfter: ca?.notAfter });
    expect(rotator.servableUntil).toEqual(hoursLater(23));
    expect(rotator.problem).toBeUndefined();
    expect(reported).toEqual({
      served: [rotator.serving],
      // Empty; without the new CA; complete, before the serving certificate and after it.
      inSync: [false, false, true, true],
      clock: [0, 0, 0, 0],
      written: 1,
      refused: 0,
      errors: 0,
    });
    expect(lines).toEqual([
      {
        level: 'info',
        message: 'wrote the Secret',
        reason: 'there is no CA that can sign',
        cas: [`active ${ca?.fingerprint}`],
      },
      { level: 'info', message: 'wrote the caBundle', reason: 'a CA is missing from it' },
      {
        level: 'info',
        message: 'issued a serving certificate',
        reason: 'there is none yet',
        ca: ca?.fingerprint,
        notAfter: hoursLater(24),
      },
    ]);
  });

  test('agrees on one CA if three replicas start at once', async () => {
    const store = new MemoryTrustStore();
    const replicas = [rotatorOf(store), rotatorOf(store), rotatorOf(store)];
    await Promise.all(replicas.map(({ rotator }) => rotator.start()));
    expect(secretOf(store)).toMatchObject({ cas: [{ state: 'active' }], refused: [] });
    for (const { rotator, reported, messages } of replicas) {
      expect(accepts(store.bundles[0], rotator.serving)).toBe(true);
      expect(rotator.problem).toBeUndefined();
      expect(reported).toMatchObject({ errors: 0, inSync: expect.arrayContaining([true]) });
      expect(messages().at(-1)).toBe('issued a serving certificate');
    }
    expect(replicas.flatMap(({ messages }) => messages()).filter((message) => message === 'wrote the Secret')).toEqual([
      'wrote the Secret',
    ]);
  });

  test('uses existing CAs without a write', async () => {
    const ca = await newCA('active', NOW, TIMING.caLifetimeMs);
    const store = new MemoryTrustStore();
    store.putSecret(writeSecretContent([ca]));
    store.putBundles([ca.cert, ca.cert]);
    const { rotator } = rotatorOf(store);
    await rotator.start();
    expect(store.writes).toEqual([]);
    expect(accepts(ca.cert, rotator.serving)).toBe(true);
  });

  test('never uses a certificate after its CA expires, and counts its lifetime from before the read', async () => {
    const ca = await newCA('active', NOW, 5 * 3_600_000);
    const store = new MemoryTrustStore();
    store.putSecret(writeSecretContent([ca]));
    store.putBundles([ca.cert, ca.cert]);
    store.before = () => void vi.setSystemTime(hoursLater(1));
    const { rotator } = rotatorOf(store);
    await rotator.start();
    expect(rotator.serving?.notAfter).toEqual(hoursLater(5));
    expect(rotator.servableUntil).toEqual(hoursLater(4));
    expect(new X509Certificate(rotator.serving?.cert ?? '').validFromDate).toEqual(hoursLater(-1));
  });

  test('waits for the webhook configuration, logs it once, and starts when it exists', async () => {
    const store = new MemoryTrustStore();
    store.deleteConfiguration();
    const { rotator, lines, reported } = rotatorOf(store);
    const reason = 'the MutatingWebhookConfiguration does not exist yet';
    await rotator.start();
    await poll();
    expect([rotator.problem, rotator.caBundles, store.writes]).toEqual([reason, [], []]);
    expect(lines).toEqual([{ level: 'info', message: 'waiting', reason }]);
    expect(reported).toMatchObject({ inSync: [false, false], errors: 0 });

    store.putBundles([]);
    await poll();
    expect(lines.slice(1)).toEqual([
      { level: 'info', message: 'waiting', reason: 'the MutatingWebhookConfiguration has no entries' },
    ]);

    store.putBundles(['', '']);
    await poll();
    expect(accepts(store.bundles[0], rotator.serving)).toBe(true);
    expect(rotator.problem).toBeUndefined();
  });

  test('says what it waits for while the only CA that can sign is not yet known everywhere', async () => {
    const old = await newCA('active', NOW, TIMING.caLifetimeMs);
    const store = new MemoryTrustStore();
    store.putBundles([old.cert, old.cert]);
    const { rotator } = rotatorOf(store);
    await rotator.start();
    expect(states(store)).toEqual(['retired', 'pending']);
    expect([rotator.serving, rotator.problem]).toEqual([undefined, 'waiting for every API server to see the new CA']);
    // Without a certificate, the rotator polls after the first of these ten seconds.
    for (let round = 0; round < 6; round += 1) await poll();
    expect(rotator.serving).toBeUndefined();
    await poll();
    expect([states(store), rotator.problem]).toEqual([['retired', 'active'], undefined]);
    expect(accepts(store.bundles[0], rotator.serving)).toBe(true);
  });
});

/** A rotator at rest, with its log and its events since then. */
async function atRest() {
  const store = new MemoryTrustStore();
  const made = rotatorOf(store);
  await made.rotator.start();
  store.operations.length = 0;
  made.lines.length = 0;
  Object.assign(made.reported, { served: [], inSync: [], written: 0 });
  return { store, ...made };
}

describe('Rotator later on', () => {
  test('only reads if there is nothing to do', async () => {
    const { store, rotator, lines, reported } = await atRest();
    const { serving } = rotator;
    await poll();
    expect(store.operations).toEqual(['readSecret', 'readConfiguration']);
    expect([rotator.serving, lines, reported.inSync]).toEqual([serving, [], [true]]);
  });

  test('renews the serving certificate when it is due, with the same CA', async () => {
    const { store, rotator, reported, lines } = await atRest();
    const first = rotator.serving;
    vi.setSystemTime(hoursLater(15.9));
    await poll();
    expect(rotator.serving).toBe(first);
    vi.setSystemTime(hoursLater(17.3));
    await poll();
    const now = new Date();
    expect(reported.served).toEqual([rotator.serving]);
    expect(rotator.serving).toMatchObject({ ca: first?.ca, notAfter: hoursLater(24, now) });
    expect(rotator.servableUntil).toEqual(hoursLater(23, now));
    expect(rotator.serving?.key).not.toBe(first?.key);
    expect(lines).toMatchObject([{ reason: 'it expires at 2026-11-23T11:00:00.000Z' }]);
    expect(store.writes).toEqual([]);
  });

  test('repairs an edited caBundle at the next poll, and counts it', async () => {
    const { store, reported } = await atRest();
    const [whole] = store.bundles;
    store.putBundles(['garbage', whole ?? '']);
    await poll();
    expect(store.bundles).toEqual([whole, whole]);
    expect(reported).toMatchObject({ inSync: [false, true], written: 1, served: [] });
  });

  test('reports a caBundle as in sync only if every entry has a CA', async () => {
    const { key, ...leaked } = await newCA('active', NOW, TIMING.caLifetimeMs);
    const store = new MemoryTrustStore();
    store.putSecret(writeSecretContent([{ ...leaked, state: 'distrusted' }]));
    store.putBundles([leaked.cert, '']);
    store.before = (operation) => {
      if (operation === 'writeSecret') throw new Error('forbidden');
    };
    const { rotator, reported } = rotatorOf(store);
    await rotator.start();
    expect(reported.inSync).toEqual([false]);
  });

  test('reports the caBundles of all entries, each once', async () => {
    const { store, rotator } = await atRest();
    const [whole = ''] = store.bundles;
    store.before = (operation) => {
      if (operation === 'writeBundle') throw new Error('forbidden');
    };
    store.putBundles([whole, '']);
    await poll();
    expect(rotator.caBundles).toEqual([whole, '']);
  });

  test('replaces the CA without a gap, and removes the old one when no certificate that it signed can be in use', async () => {
    const { store, rotator, lines } = await atRest();
    const first = rotator.serving;
    const [old = ''] = store.bundles;
    const pending = await newCA('pending', new Date(), TIMING.caLifetimeMs);
    store.putSecret(writeSecretContent([...secretOf(store).cas, pending]));
    await poll();
    expect(store.bundles[0]?.length).toBe(old.length + pending.cert.length);
    for (let round = 0; round < 5; round += 1) await poll();
    expect([states(store), rotator.serving]).toEqual([['active', 'pending'], first]);
    expect(accepts(store.bundles[0], first)).toBe(true);

    await poll();
    expect(states(store)).toEqual(['retired', 'active']);
    expect(secretOf(store).cas.map((ca) => 'key' in ca)).toEqual([false, true]);
    expect(rotator.serving?.ca).toBe(pending.cert);
    expect([first, rotator.serving].map((serving) => accepts(store.bundles[0], serving))).toEqual([true, true]);
    expect(lines.at(-1)).toMatchObject({ reason: 'another CA is active now', ca: pending.fingerprint });

    vi.setSystemTime(hoursLater(27.9));
    await poll();
    expect(store.bundles[0]).toContain(old);
    vi.setSystemTime(hoursLater(28.1));
    await poll();
    expect(store.bundles).toEqual([pending.cert, pending.cert]);
  });

  test("creates a deleted Secret again, with Helm's metadata and another CA in addition to the one in use", async () => {
    const { store, rotator, messages, lines } = await atRest();
    const { serving } = rotator;
    const [old = ''] = store.bundles;
    store.deleteSecret();
    await poll();
    expect(store.createdAs).toEqual({
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'meta.helm.sh/release-name': 'a-release' },
    });
    expect(store.writes).toEqual(['createSecret', 'writeSecret', 'writeBundle']);
    expect(messages()).toEqual(['created the Secret', 'wrote the Secret', 'wrote the caBundle']);
    expect(states(store)).toEqual(['retired', 'pending']);
    expect(store.bundles[0]).toContain(old);
    expect([rotator.serving, accepts(store.bundles[0], serving)]).toEqual([serving, true]);
    expect(JSON.stringify(lines)).not.toContain('PRIVATE');
  });
});

describe('Rotator with concurrent writers', () => {
  test('reads again after a conflict, which does not count as an error', async () => {
    const store = new MemoryTrustStore();
    let conflicts = 0;
    let lostAt = 0n;
    let waited = 0n;
    store.before = (operation) => {
      if (operation === 'readSecret' && waited === 0n && conflicts > 0) waited = process.hrtime.bigint() - lostAt;
      if (operation !== 'writeSecret' || conflicts > 0) return;
      conflicts += 1;
      lostAt = process.hrtime.bigint();
      store.putSecret();
    };
    const { rotator, reported, messages } = rotatorOf(store);
    await rotator.start();
    expect(store.writes).toEqual(['writeSecret', 'writeSecret', 'writeBundle']);
    expect([conflicts, reported.errors, rotator.problem]).toEqual([1, 0, undefined]);
    // It waits for a random time, here the longest, so that replicas with the same conflict do not collide again.
    expect(Number(waited) / 1e6).toBeGreaterThanOrEqual(99);
    expect(messages()).toEqual(['wrote the Secret', 'wrote the caBundle', 'issued a serving certificate']);
  });

  test('uses the CA that another replica has written in the meantime', async () => {
    const theirs = await newCA('active', NOW, TIMING.caLifetimeMs);
    const store = new MemoryTrustStore();
    store.before = (operation) => {
      if (operation === 'writeSecret') store.putSecret(writeSecretContent([theirs]));
    };
    const { rotator } = rotatorOf(store);
    await rotator.start();
    expect([rotator.serving?.ca, store.bundles]).toEqual([theirs.cert, [theirs.cert, theirs.cert]]);
  });

  test('stops retrying for this poll if another client undoes its writes', async () => {
    const store = new MemoryTrustStore();
    store.after = (operation) => {
      if (operation === 'writeBundle') store.putBundles(['', '']);
    };
    const { rotator, reported } = rotatorOf(store);
    await rotator.start();
    expect(store.operations.filter((operation) => operation === 'readSecret')).toHaveLength(25);
    expect(rotator.problem).toBe('something else keeps changing the Secret or the caBundle');
    expect(reported).toMatchObject({ errors: 0, written: 24 });

    store.after = () => {};
    await poll();
    expect(rotator.problem).toBeUndefined();
  });
});

describe('Rotator with an API server that fails', () => {
  test('keeps serving, counts every failure, logs one per minute, and logs the recovery', async () => {
    const { store, rotator, reported, lines } = await atRest();
    const { serving } = rotator;
    const err = new Error('the API server is unavailable');
    store.before = () => {
      throw err;
    };
    await poll();
    const warning = { level: 'warn', message: 'failed to maintain the CAs, serving with the current certificate', err };
    expect([rotator.problem, rotator.serving]).toEqual(['the API server is unavailable', serving]);
    for (let round = 0; round < 5; round += 1) await poll();
    expect([reported.errors, lines]).toEqual([6, [warning]]);
    await poll();
    expect([reported.errors, lines]).toEqual([7, [warning, warning]]);

    store.before = () => {};
    await poll();
    await poll();
    expect(lines.slice(2)).toEqual([{ level: 'info', message: 'the API server answers again' }]);
    expect(rotator.problem).toBeUndefined();
  });

  test('logs no more if every second poll fails', async () => {
    const { store, reported, messages } = await atRest();
    let polls = 0;
    store.before = (operation) => {
      if (operation === 'readSecret') polls += 1;
      if (polls % 2 === 1) throw new Error('unavailable');
    };
    for (let round = 0; round < 12; round += 1) await poll();
    expect(reported.errors).toBe(6);
    // At 10 s and 20 s, and at 70 s and 80 s.
    const line = ['failed to maintain the CAs, serving with the current certificate', 'the API server answers again'];
    expect(messages()).toEqual([...line, ...line]);
  });

  test('starts without it, and continues when it is available', async () => {
    const store = new MemoryTrustStore();
    store.before = () => Promise.reject(new Error('the API server is unavailable'));
    const { rotator, reported } = rotatorOf(store);
    await rotator.start();
    expect([rotator.serving, rotator.problem, reported.errors]).toEqual([
      undefined,
      'the API server is unavailable',
      1,
    ]);
    expect(reported.inSync).toEqual([]);
    store.before = () => {};
    await poll();
    expect(accepts(store.bundles[0], rotator.serving)).toBe(true);
  });

  test('detects that a write succeeded although its answer was lost', async () => {
    const store = new MemoryTrustStore();
    store.after = (operation) => {
      if (operation === 'writeBundle') throw new Error('connection reset');
    };
    const { rotator, reported } = rotatorOf(store);
    await rotator.start();
    expect([reported.errors, reported.written, rotator.serving]).toEqual([1, 0, undefined]);
    await poll();
    expect(store.writes).toEqual(['writeSecret', 'writeBundle']);
    expect(accepts(store.bundles[0], rotator.serving)).toBe(true);
  });

  test('repeats a write that did not succeed', async () => {
    const store = new MemoryTrustStore();
    store.before = (operation) => {
      if (operation === 'writeBundle') throw new Error('connection refused');
    };
    const { rotator } = rotatorOf(store);
    await rotator.start();
    expect(store.bundles).toEqual(['', '']);
    store.before = () => {};
    await poll();
    expect(accepts(store.bundles[0], rotator.serving)).toBe(true);
  });
});

describe('Rotator with a Secret that others wrote', () => {
  test('logs and counts each refusal once, even while it cannot write', async () => {
    const { store, rotator, reported, lines } = await atRest();
    const good = store.secret?.content;
    const { serving } = rotator;
    store.before = (operation) => {
      if (operation === 'writeSecret') throw new Error('forbidden');
    };
    const warnings = () => lines.filter(({ message }) => message === 'refused part of the Secret');
    store.putSecret('garbage');
    await poll();
    await poll();
    expect(reported.refused).toBe(1);
    store.putSecret('[1, 2]');
    await poll();
    await poll();
    expect(reported.refused).toBe(2);
    store.putSecret(good);
    await poll();
    store.putSecret('garbage');
    await poll();
    expect(reported.refused).toBe(3);
    expect(warnings()).toEqual(
      [
        'cas.json is not a JSON list',
        'CA 1 of 2: it is not a CA entry; CA 2 of 2: it is not a CA entry',
        'cas.json is not a JSON list',
      ].map((reason) => ({ level: 'warn', message: 'refused part of the Secret', reason })),
    );
    expect(rotator.serving).toBe(serving);
  });

  test('replaces garbage with a CA that is published with the one in use', async () => {
    const { store, rotator, lines } = await atRest();
    const { serving } = rotator;
    store.putSecret('garbage');
    await poll();
    expect([states(store), secretOf(store).refused]).toEqual([['retired', 'pending'], []]);
    expect(lines).toMatchObject([{}, { message: 'wrote the Secret', reason: 'cas.json is not a JSON list' }, {}]);
    expect([rotator.serving, accepts(store.bundles[0], serving)]).toEqual([serving, true]);
  });
});

describe('Rotator with a wrong clock', () => {
  const HOUR_MS = 3_600_000;
  const problem =
    "the clock is 3 h ahead of the API server's, certificates allow 1 h: correct the clock of the node (NTP)";

  test('serves nothing, writes nothing and logs it until the clock is correct', async () => {
    const store = new MemoryTrustStore();
    store.aheadMs = 3 * HOUR_MS;
    const { rotator, reported, lines } = rotatorOf(store);
    await rotator.start();
    await poll();
    expect([rotator.serving, rotator.problem, store.writes]).toEqual([undefined, problem, []]);
    expect(reported).toMatchObject({ served: [], inSync: [], clock: [3 * HOUR_MS, 3 * HOUR_MS], errors: 0 });
    expect(lines).toMatchObject([{ level: 'warn', message: 'the clock is wrong, not writing anything' }]);

    store.aheadMs = -HOUR_MS;
    await poll();
    expect(accepts(store.bundles[0], rotator.serving)).toBe(true);
    expect(rotator.problem).toBeUndefined();
    expect(lines[1]).toEqual({ level: 'info', message: 'the clock agrees with the API server again' });
  });

  test('removes nothing from the Secret, whatever its timestamps, and does not report refusals', async () => {
    const store = new MemoryTrustStore();
    const ca = await newCA('active', NOW, TIMING.caLifetimeMs);
    store.putSecret(writeSecretContent([ca]));
    store.putBundles([ca.cert, ca.cert]);
    const content = store.secret?.content;
    for (const hours of [-3, -24 * 365 * 20, 24, 24 * 365 * 20]) {
      vi.setSystemTime(hoursLater(hours));
      store.aheadMs = hours * HOUR_MS;
      const { rotator, reported } = rotatorOf(store);
      await rotator.start();
      expect([rotator.serving, store.writes, store.secret?.content]).toEqual([undefined, [], content]);
      expect(reported).toMatchObject({ refused: 0, inSync: [] });
    }
  });

  test('stops serving if the clock goes wrong later, and polls every second with a new connection', async () => {
    const { store, rotator, reported } = await atRest();
    const first = rotator.serving;
    store.aheadMs = 3 * HOUR_MS;
    await poll();
    expect([rotator.serving, rotator.servableUntil, rotator.problem]).toEqual([undefined, undefined, problem]);
    expect(store.reconnections).toBe(1);
    await poll(1_000);
    expect(store.reconnections).toBe(2);

    store.aheadMs = 0;
    await poll(1_000);
    expect([store.reconnections, store.writes, reported.served]).toEqual([2, [], [rotator.serving]]);
    expect(accepts(store.bundles[0], rotator.serving)).toBe(true);
    expect(rotator.serving?.cert).not.toBe(first?.cert);
  });

  test('is not ready while the API server is unavailable either', async () => {
    const { store, rotator } = await atRest();
    store.aheadMs = 3 * HOUR_MS;
    await poll();
    store.before = () => {
      throw new Error('unavailable');
    };
    await poll(1_000);
    expect([rotator.serving, rotator.problem]).toEqual([undefined, 'unavailable']);
  });

  test('counts the time of a pending CA again after it has not seen it', async () => {
    const { store, rotator } = await atRest();
    const pending = await newCA('pending', new Date(), TIMING.caLifetimeMs);
    store.putSecret(writeSecretContent([...secretOf(store).cas, pending]));
    for (let round = 0; round < 6; round += 1) await poll();
    store.aheadMs = 3 * HOUR_MS;
    await poll();
    store.aheadMs = 0;
    await poll(1_000);
    expect([states(store), rotator.problem]).toEqual([['active', 'pending'], undefined]);
    for (let round = 0; round < 6; round += 1) await poll();
    expect(states(store)).toEqual(['retired', 'active']);
  });

  test('continues without a check of the clock if the API server does not send the time', async () => {
    const store = new MemoryTrustStore();
    store.aheadMs = undefined;
    const { rotator, reported, lines } = rotatorOf(store);
    await rotator.start();
    expect(accepts(store.bundles[0], rotator.serving)).toBe(true);
    expect(reported.clock).toEqual([]);
    expect(lines).toMatchObject([{ message: 'wrote the Secret' }, {}, {}]);
  });
});

describe('Rotator.stop()', () => {
  test('cancels the timer', async () => {
    const { store, rotator } = await atRest();
    expect(vi.getTimerCount()).toBe(1);
    rotator.stop();
    expect(vi.getTimerCount()).toBe(0);
    expect(store.operations).toEqual([]);
  });

  test('while it reads prevents every other operation', async () => {
    const store = new MemoryTrustStore();
    const { promise, resolve } = gate();
    store.before = () => promise;
    const { rotator } = rotatorOf(store);
    const started = rotator.start();
    rotator.stop();
    resolve();
    await started;
    expect([store.operations, vi.getTimerCount()]).toEqual([['readSecret', 'readConfiguration'], 0]);
  });

  test('while it reads prevents repairs', async () => {
    const ca = await newCA('active', NOW, TIMING.caLifetimeMs);
    const store = new MemoryTrustStore();
    store.putSecret(writeSecretContent([ca]));
    const { rotator } = rotatorOf(store);
    store.before = () => rotator.stop();
    await rotator.start();
    expect([store.writes, store.bundles, vi.getTimerCount()]).toEqual([[], ['', ''], 0]);
  });

  test('before the start prevents everything', async () => {
    const store = new MemoryTrustStore();
    const { rotator } = rotatorOf(store);
    rotator.stop();
    await rotator.start();
    expect([store.operations, vi.getTimerCount()]).toEqual([[], 0]);
  });

  test('while it issues a CA discards the CA', async () => {
    const store = new MemoryTrustStore();
    const { rotator, messages } = rotatorOf(store, {
      events: {
        onServing: () => {},
        // The last event before it issues the CA, which takes longer than queued microtasks.
        onCABundle: () => queueMicrotask(() => rotator.stop()),
        onCABundleWritten: () => {},
        onClock: () => {},
        onRefused: () => {},
        onError: () => {},
      },
    });
    await rotator.start();
    expect([store.writes, messages(), vi.getTimerCount()]).toEqual([[], [], 0]);
  });

  test('while it writes prevents further operations', async () => {
    const store = new MemoryTrustStore();
    const writing = gate();
    const { promise, resolve } = gate();
    store.before = (operation) => {
      if (operation !== 'writeSecret') return undefined;
      writing.resolve();
      return promise;
    };
    const { rotator } = rotatorOf(store);
    const started = rotator.start();
    await writing.promise;
    rotator.stop();
    resolve();
    await started;
    expect([store.operations, vi.getTimerCount()]).toEqual([['readSecret', 'readConfiguration', 'writeSecret'], 0]);
  });

  test('after a conflict prevents a retry', async () => {
    const store = new MemoryTrustStore();
    const { rotator } = rotatorOf(store);
    store.before = (operation) => {
      if (operation !== 'writeSecret') return;
      store.putSecret();
      rotator.stop();
    };
    await rotator.start();
    expect([store.writes, vi.getTimerCount()]).toEqual([['writeSecret'], 0]);
  });
});

describe('Rotator polls', () => {
  test.for([
    { random: 0, ms: 8_000 },
    { random: 0.5, ms: 9_000 },
    { random: 1, ms: 10_000 },
  ])(
    'every $ms ms for the random number $random, counted from the end of the previous poll',
    async ({ random, ms }) => {
      vi.spyOn(Math, 'random').mockReturnValue(random);
      const { store } = await atRest();
      for (const round of [1, 2]) {
        vi.advanceTimersByTime(ms - 1);
        expect(store.operations).toHaveLength(2 * round - 2);
        await poll(1);
        expect(store.operations).toHaveLength(2 * round);
      }
    },
  );

  test('every second while it serves nothing', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const store = new MemoryTrustStore();
    store.deleteConfiguration();
    const { rotator } = rotatorOf(store);
    await rotator.start();
    store.operations.length = 0;
    vi.advanceTimersByTime(999);
    expect(store.operations).toEqual([]);
    await poll(1);
    expect(store.operations).toEqual(['readSecret', 'readConfiguration']);
  });
});
