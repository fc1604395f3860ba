import { expect, test } from 'vitest';
import { patchesOf } from './audit.ts';
import { clientOf } from './client.ts';
import { describeCluster } from './cluster-test.ts';
import { runCommand, WRITING } from './command.ts';
import { FAULTS, type Fault, FaultyProxy, type PassingRequest } from './faulty-proxy.ts';
import { createAll, labelledNames, manyObjects, namesOf, printedNames } from './many-objects.ts';
import { createNamespace } from './objects.ts';
import type { Outcome } from './run-kubectl.ts';

/** More objects of each kind than fit on a page. */
const COUNT = 1_800;

const AT_ONCE = ['--qps', '10000', '--concurrency', '32'];

/** One in this many writes fails. */
const WRITES_A_FAULT = 60;

const { tooManyRequests, internalError, cutRequest, cutAnswer, expired } = FAULTS;
const PASSING: readonly Fault[] = [tooManyRequests, internalError, cutRequest, cutAnswer];

/** Fails every second page and some writes, with each fault in turn. Each list expires once between two pages. */
function faults(): (request: PassingRequest) => Fault | undefined {
  let [pages, writes] = [0, 0];
  const expiredLists = new Set<string>();
  return ({ method, path, query: { limit, labelSelector, continue: token } }) => {
    if (method === 'PATCH') {
      writes += 1;
      return writes % WRITES_A_FAULT === 0 ? PASSING[(writes / WRITES_A_FAULT) % PASSING.length] : undefined;
    }
    // The first calls must succeed: if they fail, the command exits instead of retrying.
    if (limit === undefined || path.endsWith('/poddisruptionbudgets')) return undefined;
    const list = `${path} ${labelSelector}`;
    if (token !== undefined && !expiredLists.has(list)) {
      expiredLists.add(list);
      return expired;
    }
    pages += 1;
    return pages % 2 === 0 ? PASSING[(pages / 2) % PASSING.length] : undefined;
  };
}

describeCluster('with an API server that often fails', () => {
  test('audit finds each object once, and backfill labels each once', async () => {
    const client = clientOf();
    const namespace = await createNamespace();
    const objects = manyObjects(COUNT, [namespace]);
    await createAll(client, objects);
    const names = namesOf(objects);

    const seen: string[] = [];
    const faultOf = faults();
    await using proxy = await FaultyProxy.start((request) => {
      const fault = faultOf(request);
      if (fault !== undefined) seen.push(`${request.method} ${typeof fault === 'string' ? fault : fault.status}`);
      return fault;
    });
    const audited = await runCommand(['audit', '-n', namespace, '-o', 'name'], proxy.kubeconfig);
    expect(outcomeOf(audited)).toEqual({ exitCode: 0, stderr: '', names });

    const filled = await runCommand(['backfill', '-n', namespace, '-o', 'name', ...AT_ONCE], proxy.kubeconfig);
    expect(outcomeOf(filled)).toEqual({ exitCode: 0, stderr: WRITING, names });
    expect(await labelledNames(client, namespace)).toEqual(names);
    const patches = await patchesOf([namespace], COUNT);
    const written = [...patches].filter(([patch]) => patch.endsWith(' 200'));
    expect([written.length, new Set(written.map(([, count]) => count))]).toEqual([COUNT, new Set([1])]);
    // If only the answer was cut, the retry conflicts instead of writing again.
    const statuses = new Set([...patches.keys()].map((patch) => patch.split(' ').at(-1)));
    expect(statuses).toEqual(new Set(['200', '409']));

    expect([...new Set(seen)].sort()).toEqual(
      [
        ...['GET 410', 'GET 429', 'GET 500', 'GET cut the answer', 'GET cut the request'],
        ...['PATCH 429', 'PATCH 500', 'PATCH cut the answer', 'PATCH cut the request'],
      ].sort(),
    );
  });

  test('backfill exits with 2 and reports what it did if the API server keeps refusing', async () => {
    const client = clientOf();
    const namespace = await createNamespace();
    await createAll(client, manyObjects(30, [namespace]));
    let writes = 0;
    await using proxy = await FaultyProxy.start(({ method }) => {
      if (method === 'PATCH') writes += 1;
      return writes > 10 ? { status: 401, body: { message: 'Unauthorized' } } : undefined;
    });
    const { exitCode, stdout, stderr } = await runCommand(
      ['backfill', '-n', namespace, '-o', 'name', '--concurrency', '4'],
      proxy.kubeconfig,
    );
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/^writing to .*\nerror: The API server refused PATCH .*: Unauthorized\n$/),
    });
    const labelled = await labelledNames(client, namespace);
    expect(printedNames(stdout)).toEqual(labelled);
    expect(labelled).toHaveLength(10);
  });
});

function outcomeOf({ exitCode, stdout, stderr }: Outcome) {
  return { exitCode, stderr, names: printedNames(stdout) };
}
