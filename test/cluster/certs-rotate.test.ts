import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { TIMING } from '../../src/certificates/timing.ts';
import { describeCluster } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { FAULTS, type Fault, FaultyProxy, type PassingRequest } from './faulty-proxy.ts';
import { kubectl } from './kubectl.ts';
import { Load } from './load.ts';
import { RunningCommand } from './running-command.ts';
import { fingerprints, Installation, SECRET } from './self-installation.ts';

const SECOND_MS = 1_000;

/** The program's timing with shorter waits. */
const SOON = { ...TIMING, propagationMs: 3 * SECOND_MS, pollMs: SECOND_MS };

/** The command polls every two seconds, and every second read fails. */
const TEST_TIMEOUT_MS = 180 * SECOND_MS;

const { tooManyRequests, internalError, cutRequest, cutAnswer } = FAULTS;
const PASSING: readonly Fault[] = [cutRequest, tooManyRequests, cutAnswer, internalError];
const CONFLICT: Fault = { status: 409, body: { message: 'the object has been modified' } };

describeCluster('certs rotate --distrust-old', { timeout: TEST_TIMEOUT_MS }, () => {
  test('leaves only the new CA trusted, even if the first writes and every second read fail', async () => {
    await using installation = await Installation.create();
    await installation.startReady(3, { timing: SOON });
    const [before] = await installation.storedCAs();
    const seen = new Set<string>();
    await using proxy = await proxyOf(installation, faults(seen));
    const load = new Load(installation);

    await using command = rotate(installation, proxy);
    const { exitCode, stdout, stderr } = await command.ended;
    const [first, second, ...others] = await installation.storedCAs();
    expect([first, second, others]).toMatchObject([
      { certificate: before?.certificate, state: 'distrusted' },
      { state: 'active' },
      [],
    ]);
    expect(await installation.caBundles()).toEqual([second?.certificate, second?.certificate]);
    const name = `CA ${fingerprints(second?.certificate ?? '')[0]?.slice(0, 12)}`;
    expect([exitCode, stdout]).toEqual([
      0,
      `3 of 3 ready Pods serve certificates from ${name}\nno other CA is trusted anymore\n`,
    ]);
    const warnings = stderr
      .split('\n')
      .slice(0, -1)
      .filter((line) => !line.startsWith('writing to '));
    expect(warnings).not.toEqual([]);
    for (const warning of warnings) expect(warning).toMatch(/^warning: .*; retrying$/);
    expect([...seen].sort()).toEqual(
      [
        ...['GET 429', 'GET 500', 'GET cut the answer', 'GET cut the request'],
        ...['PATCH 409', 'PATCH 429', 'PATCH 500', 'PATCH cut the answer', 'PATCH cut the request'],
      ].sort(),
    );
    expect(await load.stop()).toMatchObject({ missed: [] });
  });

  test('can be killed at any time and run again', async () => {
    await using installation = await Installation.create();
    await installation.startReady(2, { timing: SOON });
    let writes = 0;
    await using proxy = await proxyOf(installation, ({ method }) => {
      if (method === 'PATCH') writes += 1;
      return undefined;
    });

    // The first write stores the new CA. The second one distrusts the old CA, which may still be in the caBundle.
    for (const killedAfter of [1, 2]) {
      await using command = rotate(installation, proxy);
      await eventually('a write', async () => writes === killedAfter || undefined, TEST_TIMEOUT_MS);
      // Gives the API server time to store the write.
      await delay(SECOND_MS / 2);
      command.kill('SIGKILL');
      expect(await command.ended).toMatchObject({ exitCode: null });
    }
    const interrupted = await installation.storedCAs();
    expect(interrupted.map(({ state }) => state)).toEqual(['distrusted', 'active']);

    await using command = rotate(installation, proxy);
    const { exitCode, stdout, stderr } = await command.ended;
    expect([exitCode, stdout, stderr]).toEqual([
      0,
      expect.stringContaining('no other CA is trusted anymore\n'),
      expect.stringMatching(/^writing to .*\n$/),
    ]);
    // The command resumes the rotation. If nothing was left to do, it rotates again.
    const cas = await installation.storedCAs();
    const active = cas.find(({ state }) => state === 'active');
    expect(new Set(cas.filter((ca) => ca !== active).map(({ state }) => state))).toEqual(new Set(['distrusted']));
    expect(await installation.caBundles()).toEqual([active?.certificate, active?.certificate]);
  });
});

function rotate({ name, namespace }: Installation, { kubeconfig }: FaultyProxy): RunningCommand {
  const named = ['--ca-secret', `${namespace}/${SECRET}`, '--webhook-configuration', name];
  return new RunningCommand(['certs', 'rotate', '--distrust-old', ...named, '--timeout', '150'], kubeconfig);
}

/** Fails the first writes and every second read of the Secret, with each fault in turn. */
function faults(seen: Set<string>): (request: PassingRequest) => Fault | undefined {
  const counts = { GET: 0, PATCH: 0 };
  const faultOf = ({ method, path }: PassingRequest): Fault | undefined => {
    if (method === 'PATCH') {
      counts.PATCH += 1;
      return [CONFLICT, ...PASSING][counts.PATCH - 1];
    }
    // The first call must succeed: if it fails, the command exits instead of retrying.
    if (method !== 'GET' || !path.endsWith(`/secrets/${SECRET}`)) return undefined;
    counts.GET += 1;
    return PASSING[(counts.GET / 2) % PASSING.length];
  };
  return (request) => {
    const fault = faultOf(request);
    if (fault !== undefined) seen.add(`${request.method} ${typeof fault === 'string' ? fault : fault.status}`);
    return fault;
  };
}

/** Starts a proxy through which the command finds and calls the replicas as Pods of a Service. */
async function proxyOf(
  { name, namespace, replicas }: Installation,
  faultOf: (request: PassingRequest) => Fault | undefined,
): Promise<FaultyProxy> {
  const proxy = await FaultyProxy.start(faultOf);
  for (const [index, { port = 0 }] of replicas.entries()) proxy.pods.set(`pod-${index}`, port);
  // The configuration has a URL, so the command looks for the Service in the release's namespace.
  const release = `meta.helm.sh/release-namespace=${namespace}`;
  await kubectl(['annotate', 'mutatingwebhookconfiguration', name, '--overwrite', release]);
  await kubectl(['create', '-f', '-'], {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'https', port: 443 }],
    endpoints: [...proxy.pods.keys()].map((pod, index) => ({
      addresses: [`10.0.0.${index + 1}`],
      conditions: { ready: true },
      targetRef: { kind: 'Pod', name: pod, namespace },
    })),
  });
  return proxy;
}
