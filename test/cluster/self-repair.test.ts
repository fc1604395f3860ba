import { expect, test } from 'vitest';
import { writeSecretContent } from '../../src/certificates/ca-secret.ts';
import { newCA } from '../../src/certificates/new-ca.ts';
import { TIMING } from '../../src/certificates/timing.ts';
import { foreignCertificate } from '../support/openssl.ts';
import { describeCluster } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { kubectl } from './kubectl.ts';
import { Load } from './load.ts';
import { Relay } from './relay.ts';
import { CHART_RIGHTS, fingerprints, Installation, servedCertificate } from './self-installation.ts';

const SECOND_MS = 1_000;
const REPAIR_MS = 15 * SECOND_MS;

/** How long after a write the API server may still use the old configuration, on a busy machine. */
const WATCH_MS = 2 * SECOND_MS;

/** The program's timing with shorter waits. */
const SOON = { ...TIMING, propagationMs: 3 * SECOND_MS, pollMs: SECOND_MS };

const UNREACHABLE = /^Cannot reach the API server at https:/;

/** Tests wait for the propagation time, and for the minute between two log lines. */
const TEST_TIMEOUT_MS = 180 * SECOND_MS;

describeCluster.concurrent('in the mode self', { timeout: TEST_TIMEOUT_MS }, () => {
  test('replicas repair an edited caBundle within 15 s and stay ready', async () => {
    await using installation = await Installation.create();
    const replicas = await installation.startReady(2);
    const good = await installation.caBundles();
    const [caBundle = ''] = good;
    const edits: readonly (readonly (string | undefined)[])[] = [
      [undefined, undefined],
      [caBundle.slice(0, caBundle.length / 2), ''],
      ['nonsense', `${caBundle}nonsense`],
      [caBundle, foreignCertificate().cert],
    ];

    const load = new Load(installation);
    const broken: { from: number; to: number }[] = [];
    for (const edit of edits) {
      await installation.overwriteBundles(edit);
      const from = performance.now();
      await eventually('the repair', async () => {
        return JSON.stringify(await installation.caBundles()) === JSON.stringify(good) || undefined;
      });
      const to = performance.now();
      expect(to - from).toBeLessThan(REPAIR_MS);
      broken.push({ from: from - WATCH_MS, to: to + WATCH_MS });
      // Gives the API server time to see each edit and its repair.
      await load.next(20);
    }
    const { missed } = await load.stop();

    expect(missed.filter((at) => !broken.some(({ from, to }) => from < at && at < to))).toEqual([]);
    // Each edit did cause failures.
    for (const { from, to } of broken) expect(missed.some((at) => from < at && at < to)).toBe(true);
    const writes = await Promise.all(replicas.map((replica) => replica.metric('ca_bundle_writes_total')));
    expect(writes.reduce((sum, count) => sum + count)).toBe(1 + edits.length);
    expect(replicas.flatMap(({ lapses }) => lapses)).toEqual([]);
  });

  test('the webhook owns only the caBundle, and Helm can apply the other fields without changing it', async () => {
    await using installation = await Installation.create({ hasConfiguration: false });
    const byHelm = ['apply', '--server-side', '--field-manager=helm', '-f', '-'];
    await kubectl(byHelm, installation.configuration());
    await installation.startReady(1, { timing: SOON });
    const good = await installation.caBundles();

    const owned = Object.fromEntries(
      installation.entries.map((name) => [
        `k:{"name":"${name}"}`,
        { '.': {}, 'f:name': {}, 'f:clientConfig': { 'f:caBundle': {} } },
      ]),
    );
    const managers = await managersOf(installation);
    expect(managers).toMatchObject({ 'gateway-name-webhook': { 'f:webhooks': owned } });
    expect(managers['gateway-name-webhook']).toEqual({ 'f:webhooks': owned });

    const configuration = JSON.parse(JSON.stringify(installation.configuration()));
    const changed = {
      ...configuration,
      webhooks: configuration.webhooks.map((entry: object) => ({ ...entry, timeoutSeconds: 3 })),
    };
    await kubectl(byHelm, changed);
    expect(await installation.caBundles()).toEqual(good);
    const { webhooks, metadata } = await read(installation);
    expect(webhooks).toMatchObject(changed.webhooks);
    expect(metadata).toMatchObject(changed.metadata);
    await installation.untilMutated();
  });

  test('if the Secret is deleted, a new CA joins the current one, and no call fails', async () => {
    await using installation = await Installation.create();
    const replicas = await installation.startReady(2);
    const [old = ''] = await installation.caBundles();
    const served = await Promise.all(replicas.map(servedCertificate));
    const failOpens = await installation.failOpens();

    const load = new Load(installation);
    await installation.deleteSecret();
    const joined = await eventually('a second CA', async () => {
      const [first = '', second = ''] = await installation.caBundles();
      return first === second && fingerprints(first).length === 2 ? first : undefined;
    });
    const joinedAt = performance.now();
    expect(fingerprints(joined)).toEqual([...fingerprints(old), expect.any(String)]);
    expect(await Promise.all(replicas.map(servedCertificate))).toEqual(served);

    // Replicas use the new CA only after every API server must have learned it.
    const change = async (replica: (typeof replicas)[number], before: string | undefined) => {
      await eventually(
        'a new serving certificate',
        async () => ((await servedCertificate(replica)) === before ? undefined : true),
        2 * TIMING.propagationMs,
      );
      expect(performance.now() - joinedAt).toBeGreaterThan(TIMING.propagationMs - WATCH_MS);
      expect(await installation.verify(replica, joined)).toBeUndefined();
    };
    await Promise.all(replicas.map((replica, index) => change(replica, served[index])));
    // Some calls must get the new certificates.
    await load.next(20);
    const { missed } = await load.stop();

    expect(missed).toEqual([]);
    expect(await installation.failOpens()).toBe(failOpens);
    expect(await installation.caBundles()).toEqual([joined, joined]);
    expect(await installation.storedCAs()).toMatchObject([{ state: 'retired' }, { state: 'active' }]);
    expect(replicas.flatMap(({ lapses }) => lapses)).toEqual([]);
  });

  test('an unusable Secret is refused with its reason, and replaced without a failed call', async () => {
    await using installation = await Installation.create();
    const replicas = await installation.startReady(2, { timing: SOON });
    const load = new Load(installation);
    const failOpens = await installation.failOpens();
    const refused = async () => {
      const counts = await Promise.all(replicas.map((replica) => replica.metric('certificates_refused_total')));
      return counts.reduce((sum, count) => sum + count);
    };

    const [own] = await installation.storedCAs();
    const foreign = foreignCertificate();
    const since = new Date().toISOString();
    const overwrites: readonly (readonly [string, string])[] = [
      ['nonsense', 'cas.json is not a JSON list'],
      [JSON.stringify([{ ...own, key: foreign.key }]), 'CA 1 of 1: its key does not match its certificate'],
      [
        JSON.stringify([{ certificate: foreign.cert, key: foreign.key, state: 'active', since }]),
        'CA 1 of 1: its certificate is not a CA created by this program',
      ],
      [writeSecretContent([await expiredCA()]), 'CA 1 of 1: it expired at'],
    ];
    for (const [text, reason] of overwrites) {
      const before = { served: await Promise.all(replicas.map(servedCertificate)), refused: await refused() };
      await installation.overwriteSecret(text);
      const line = await eventually(`the refusal: ${reason}`, async () => {
        const lines = replicas.flatMap((replica) => replica.lines('refused part of the Secret'));
        return lines.find((candidate) => String(candidate['reason']).startsWith(reason));
      });
      expect(line).toMatchObject({ level: 'warn' });
      expect(await refused()).toBeGreaterThan(before.refused);

      await Promise.all(
        replicas.map((replica, index) =>
          eventually('a new serving certificate', async () => {
            return (await servedCertificate(replica)) === before.served[index] ? undefined : true;
          }),
        ),
      );
      const cas = await installation.storedCAs();
      expect(cas.filter(({ state }) => state === 'active')).toHaveLength(1);
      expect(cas.filter(({ state }) => state === 'pending')).toHaveLength(0);
      for (const caBundle of await installation.caBundles()) {
        expect(caBundle).not.toContain(foreign.cert);
        for (const replica of replicas) expect(await installation.verify(replica, caBundle)).toBeUndefined();
      }
    }

    const { missed } = await load.stop();
    expect(missed).toEqual([]);
    expect(await installation.failOpens()).toBe(failOpens);
    expect(replicas.flatMap(({ lapses }) => lapses)).toEqual([]);
  });

  test('without the API server, a replica stays ready, logs this once a minute, and recovers', async () => {
    await using installation = await Installation.create();
    await using api = await Relay.start(...(await apiPorts()));
    const [replica] = await installation.startReady(1, { timing: SOON, apiPort: api.port });
    if (!replica) throw new Error('There is no replica');
    const failures = () => replica.lines('failed to maintain the CAs, serving with the current certificate');
    const errors = () => replica.metric('api_server_errors_total');
    const load = new Load(installation);
    const [good = ''] = await installation.caBundles();

    // The replica waits for 5 s and polls a second later. A client without this limit takes at least 10 s to connect.
    await api.silence();
    await eventually('two failures', async () => (await errors()) >= 2 || undefined, 18 * SECOND_MS);
    expect(failures()).toMatchObject([{ level: 'warn', err: { message: expect.stringMatching(UNREACHABLE) } }]);
    expect(failures()).toHaveProperty('0.err.message', expect.stringMatching(/no (answer|connection) within 5 s/));

    await api.refuse();
    const atRefusal = await errors();
    await eventually('five more failures', async () => (await errors()) >= atRefusal + 5 || undefined);
    expect(failures()).toHaveLength(1);
    await eventually('the next minute', async () => failures()[1], 2 * 60 * SECOND_MS);
    const [first, second] = failures().map((line) => Date.parse(String(line['time'])));
    expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(60 * SECOND_MS);
    expect(failures()).toHaveProperty('1.err.message', expect.stringMatching(UNREACHABLE));
    expect(failures()).toHaveProperty('1.err.message', expect.stringContaining('ECONNREFUSED'));
    expect(await replica.isAlive()).toBe(true);

    await installation.overwriteBundles(['nonsense']);
    await api.restore();
    await eventually('the repair', async () => (await installation.caBundles())[0] === good || undefined, REPAIR_MS);
    await eventually('the log to say so', async () => replica.lines('the API server answers again')[0]);
    expect(replica.lapses).toEqual([]);
    await load.next(20);
    const { missed, created } = await load.stop();
    // One of two entries was broken until the replica could repair it.
    expect(missed.length).toBeLessThan(0.2 * created);
  });

  test('a replica that has never reached the API server is alive but not ready', async () => {
    await using installation = await Installation.create();
    await using api = await Relay.start(...(await apiPorts()));
    await api.refuse();
    const replica = await installation.start({ timing: SOON, apiPort: api.port });
    await eventually('the reason', async () => {
      return (await replica.readiness())?.includes('Cannot reach the API server') || undefined;
    });
    expect(await replica.isAlive()).toBe(true);
    expect(await replica.isReady()).toBe(false);
    await api.restore();
    await replica.untilReady();
    await installation.untilMutated();
  });

  test('a replica that loses its permissions keeps serving, and logs which one is missing', async () => {
    await using installation = await Installation.create();
    const [replica] = await installation.startReady(1, { timing: SOON });
    await installation.grant({ secret: [], configuration: [] });
    await eventually(
      'a failure',
      async () => ((await replica?.metric('api_server_errors_total')) ?? 0) > 1 || undefined,
    );
    expect(replica?.lines('failed to maintain the CAs, serving with the current certificate')).toMatchObject([
      { err: { message: expect.stringContaining('forbidden') } },
    ]);
    await installation.untilMutated();
    expect(replica?.lapses).toEqual([]);
    await installation.grant(CHART_RIGHTS);
    await eventually('the API server', async () => replica?.lines('the API server answers again')[0]);
  });

  test('a draining replica writes nothing', async () => {
    await using installation = await Installation.create();
    const [replica] = await installation.startReady(1, { timing: SOON, settings: { quietPeriod: '5' } });
    if (!replica) throw new Error('There is no replica');
    const before = await installation.storedCAs();
    const ended = replica.stop();
    await eventually('the draining', async () => replica.lines('draining; a second signal exits immediately')[0]);
    await installation.overwriteBundles([undefined, undefined]);
    await installation.deleteSecret();
    const deletedAt = performance.now();
    await ended;
    // It ran long enough to poll several times.
    expect(performance.now() - deletedAt).toBeGreaterThan(3 * SOON.pollMs);
    expect(await installation.secret()).toBeUndefined();
    expect(await installation.caBundles()).toEqual(['', '']);

    // There was something to write: the next replica writes it.
    await installation.startReady(1);
    expect(await installation.storedCAs()).not.toEqual(before);
  });
});

/** A CA that this program created and that has expired. */
async function expiredCA() {
  const lifetimeMs = 60 * SECOND_MS;
  return newCA('active', new Date(Date.now() - 2 * lifetimeMs), lifetimeMs);
}

async function apiPorts(): Promise<number[]> {
  const { clusters } = JSON.parse(await kubectl(['config', 'view', '-o', 'json']));
  return [Number(new URL(clusters[0].cluster.server).port)];
}

async function read({ name }: Installation) {
  const stored = await kubectl(['get', 'mutatingwebhookconfiguration', name, '-o', 'json', '--show-managed-fields']);
  return JSON.parse(stored);
}

/** The fields of the configuration that each field manager owns. */
async function managersOf(installation: Installation): Promise<Record<string, unknown>> {
  const { metadata } = await read(installation);
  const managedFields: { manager: string; fieldsV1: unknown }[] = metadata.managedFields;
  return Object.fromEntries(managedFields.map(({ manager, fieldsV1 }) => [manager, fieldsV1]));
}
