import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parse } from 'yaml';
import { run } from '../../../src/commands/program.ts';
import { forbidding } from '../../support/access-reviews.ts';
import type { Answer, ReceivedRequest } from '../../support/api-server.ts';
import { entryFor } from '../../support/chart-configuration.ts';
import { testContext } from '../../support/context.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { startStoreApi } from '../../support/store-api.ts';
import { newObject, OWNER, ofEnvoyGateway, STANDARD } from '../../support/stored-objects.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { shownOnTerminal } from '../../support/terminal.ts';

type Api = Parameters<typeof startStoreApi>;

interface Options extends Exclude<Api[1], undefined> {
  readonly isTTY?: boolean;
  readonly isErrorTTY?: boolean;
  /** The flag for the direction; none to use the installation's. */
  readonly reverse?: readonly string[];
}

async function start(
  args: readonly string[],
  store: Api[0],
  { isTTY = false, isErrorTTY = isTTY, reverse = ['--reverse', 'both'], ...api }: Options = {},
) {
  const { requests } = await startStoreApi(store, api);
  const process = testContext({ isTTY, isErrorTTY });
  return { ...process, requests, exited: run(['backfill', ...reverse, ...args], process.context) };
}

/** Runs a backfill until it exits. */
async function backfill(args: readonly string[], store: Api[0], options: Options = {}) {
  const { exited, written, requests, terminal } = await start(args, store, options);
  const exitCode = await exited;
  return { exitCode, requests, ...apart(written, terminal()) };
}

/** The output, and separately the line that names the API server. */
function apart({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }, terminal: string) {
  const [line] = /^writing to https:\/\/localhost:\d+ \(context first\)\n/m.exec(stderr) ?? [''];
  return { stdout, stderr: stderr.replace(line, ''), line, terminal: shownOnTerminal(terminal.replace(line, '')) };
}

function lacking(count: number) {
  return Array.from({ length: count }, (_, index) => newObject('Pod', `pod-${index}`, ofEnvoyGateway('eg')));
}

/** A store in which `pod-0` would get a second PodDisruptionBudget, and `guarded` cannot be changed. */
function undone() {
  const store = new MemoryObjectStore(...lacking(1), newObject('Service', 'guarded', ofEnvoyGateway('eg')));
  store.refuse = ({ metadata }) => (metadata.name === 'guarded' ? 'a policy says no' : undefined);
  const metadata = (name: string) => ({ uid: name, namespace: 'system', name });
  const poddisruptionbudgets = [
    { metadata: metadata('every'), spec: { selector: {} } },
    { metadata: metadata('of-eg'), spec: { selector: { matchLabels: { [STANDARD]: 'eg' } } } },
  ];
  return { store, selecting: { poddisruptionbudgets } };
}

const UNAUTHORIZED: Answer = [401, { message: 'Unauthorized' }];

/** Refuses requests for Pods after this many. */
function refusing(method: string, times: number) {
  let asked = 0;
  return (request: ReceivedRequest): Answer | undefined => {
    if (request.method !== method || !request.path.includes('/pods')) return undefined;
    asked += 1;
    return asked > times ? UNAUTHORIZED : undefined;
  };
}

describe('backfill', () => {
  test.for([
    { args: ['-A', '-o', 'name'], isSaid: true },
    { args: ['-A', '-o', 'name', '--dry-run'], isSaid: false },
    // For a Job, which runs in its only cluster.
    { args: ['-A', '-o', 'log'], isSaid: false },
  ])('prints the address of the API server: $isSaid for $args', async ({ args, isSaid }) => {
    const { line } = await backfill(args, new MemoryObjectStore(...lacking(1)));
    expect(line !== '').toBe(isSaid);
  });

  test('adds missing labels, and prints only what it has changed', async () => {
    const store = new MemoryObjectStore(...lacking(5), newObject('Service', 'shop/a', { [STANDARD]: 'web' }));
    const { exitCode, stdout, stderr } = await backfill(['-A', '-o', 'name'], store);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').sort()).toEqual([
      '',
      ...lacking(5).map(({ metadata }) => `pod/${metadata.name}`),
      'service/a',
    ]);
    expect(Object.values(store.labels).every((labels) => labels[STANDARD] === labels[OWNER])).toBe(true);
    expect(await backfill(['-A', '-o', 'name'], store)).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: 'added 0 labels, 0 objects still missing a label\n',
    });
  });

  test('changes nothing in other namespaces', async () => {
    const store = new MemoryObjectStore(
      ...['a', 'b', 'default'].map((name) => newObject('Pod', `${name}/p`, { [OWNER]: 'eg' })),
    );
    store.namespaceLabels.set('a', {}).set('b', { team: 'x' }).set('default', {});
    const labelled = () =>
      Object.entries(store.labels)
        .filter(([, labels]) => labels[STANDARD])
        .map(([key]) => key);
    await backfill([], store);
    expect(labelled()).toEqual(['Pod/default/p']);
    await backfill(['-A', '--namespace-selector', 'team=x'], store);
    expect(labelled()).toEqual(['Pod/b/p', 'Pod/default/p']);
    await backfill(['-n', 'a'], store);
    expect(labelled()).toEqual(['Pod/a/p', 'Pod/b/p', 'Pod/default/p']);
  });

  test('changes only the given direction', async () => {
    const store = new MemoryObjectStore(newObject('Pod', 'a', { [STANDARD]: 'eg' }));
    await backfill(['-A', '--reverse', 'managed'], store);
    expect(store.writes).toEqual([]);
  });

  test('with --dry-run persists nothing', async () => {
    const store = new MemoryObjectStore(...lacking(2));
    const { exitCode, requests } = await backfill(['-A', '--dry-run'], store);
    const patches = requests.filter(({ method }) => method === 'PATCH');
    expect([exitCode, patches.map(({ query }) => query['dryRun'])]).toEqual([0, ['All', 'All']]);
    expect(Object.values(store.labels)).toEqual([ofEnvoyGateway('eg'), ofEnvoyGateway('eg')]);
  });

  test('exits with 1 if objects are still missing a label, and warns about them with -o name', async () => {
    const { store, selecting } = undone();
    const { exitCode, stdout, stderr } = await backfill(['-A', '-o', 'name'], store, { selecting });
    expect([exitCode, stdout]).toEqual([1, '']);
    expect(stderr).toBe(`warning: pod/pod-0: it would match several PodDisruptionBudgets: every, of-eg
warning: service/guarded: The API server refused PATCH /api/v1/namespaces/system/services/guarded: a policy says no
`);
    expect((await backfill(['-A'], store, { selecting })).stderr).toBe('');
  });

  test('with --accept-pdb-overlap labels a Pod that several PodDisruptionBudgets will select', async () => {
    const { store, selecting } = undone();
    const { stdout, requests } = await backfill(['-A', '-o', 'name', '--accept-pdb-overlap'], store, { selecting });
    expect(stdout).toBe('pod/pod-0\n');
    expect(requests.filter(({ path }) => path.startsWith('/apis/'))).toEqual([]);
  });

  test('with --dry-run --accept-pdb-overlap still reports the overlap', async () => {
    const { store, selecting } = undone();
    const args = ['-A', '-o', 'json', '--dry-run', '--accept-pdb-overlap'];
    const { counts, overlaps } = JSON.parse((await backfill(args, store, { selecting })).stdout);
    expect(counts).toEqual({ added: 1, settled: 0, skipped: 0, failed: 1 });
    expect(overlaps).toEqual([{ namespace: 'system', budgets: ['every', 'of-eg'], pods: 1, example: 'pod-0' }]);
  });

  test.for([
    { args: [], asked: ['poddisruptionbudgets'] },
    { args: ['--dry-run'], asked: ['poddisruptionbudgets', 'networkpolicies', 'services'] },
    { args: ['--accept-pdb-overlap'], asked: [] },
    {
      args: ['--accept-pdb-overlap', '--dry-run'],
      asked: ['poddisruptionbudgets', 'networkpolicies', 'services'],
    },
  ])('reads only the selecting objects that it needs: $args', async ({ args, asked }) => {
    const { requests } = await backfill(['-n', 'a', ...args], new MemoryObjectStore());
    const whole = requests.filter(({ query }) => query['labelSelector'] === undefined);
    expect(whole.map(({ path }) => path.split('/').at(-1))).toEqual(asked);
  });

  test('reports objects that were changed or deleted in the meantime, but only in machine-readable output', async () => {
    const gone = () => {
      const store = new MemoryObjectStore(...lacking(2));
      store.before = ({ name, of }) => void (name === 'addLabel' && of.endsWith('0') && store.delete(of));
      return store;
    };
    const json = await backfill(['-A', '-o', 'json'], gone());
    expect(json.exitCode).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({
      changes: [{ outcome: 'settled', name: 'pod-0' }, { outcome: 'added' }],
      counts: { added: 1, settled: 1, skipped: 0, failed: 0 },
    });
    const table = await backfill(['-A', '--concurrency', '1'], gone());
    expect(table.stdout.split('\n').map((line) => line.split(/ +/)[2])).toEqual(['NAME', 'pod-1', undefined]);
    expect((await backfill(['-A', '-o', 'name'], gone())).stdout).toBe('pod/pod-1\n');
    const log = await backfill(['-A', '-o', 'log', '--log-level', 'debug'], gone());
    expect(log.stdout).toMatch(/"level":"debug".*"name":"pod-0".*"msg":"nothing left to add"/);
    expect((await backfill(['-A', '-o', 'log'], gone())).stdout).not.toContain('pod-0');
  });

  test('does not count deleted objects in wakes', async () => {
    const store = new MemoryObjectStore(...lacking(2));
    store.before = ({ name, of }) => void (name === 'addLabel' && of.endsWith('0') && store.delete(of));
    const services = [
      { metadata: { uid: 's', namespace: 'system', name: 's' }, spec: { selector: { [STANDARD]: 'eg' } } },
    ];
    const { stdout } = await backfill(['-A', '--dry-run', '-o', 'json'], store, { selecting: { services } });
    expect(JSON.parse(stdout).wakes).toMatchObject([{ pods: 1, example: 'system/pod-1' }]);
  });
});

describe('backfill -o log', () => {
  test('logs in the same format as serve, and ends with a warning if there were findings', async () => {
    const logged = async (...args: readonly string[]) => {
      const { stdout } = await backfill(['-A', '-o', 'log', ...args], new MemoryObjectStore(...lacking(1)));
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    };
    expect(await logged()).toMatchObject([
      { level: 'info', reason: 'added-standard', name: 'pod-0', gateway: 'shop/eg', msg: 'added the label' },
      { level: 'warn', added: 1, skipped: 0, failed: 0, dryRun: false, msg: 'objects were missing a label' },
    ]);
    expect(await logged('--log-level', 'warn')).toMatchObject([{ msg: 'objects were missing a label' }]);
  });

  test('logs that no objects were missing a label', async () => {
    const { stdout, exitCode } = await backfill(['-A', '-o', 'log'], new MemoryObjectStore());
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      0,
      { level: 'info', added: 0, msg: 'no objects were missing a label' },
    ]);
  });

  test('warns about objects that it leaves unchanged', async () => {
    const { store, selecting } = undone();
    store.delete('Service/system/guarded');
    const { stdout } = await backfill(['-A', '-o', 'log'], store, { selecting });
    expect(
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    ).toMatchObject([
      {
        level: 'warn',
        outcome: 'skipped',
        detail: expect.stringContaining('every, of-eg'),
        msg: 'did not add the label',
      },
      { level: 'warn', added: 0, skipped: 1, msg: 'objects were missing a label' },
    ]);
  });

  test('shows no progress bar, because lines for people appear immediately', async () => {
    const { stdout, stderr } = await backfill(['-A', '-o', 'log'], new MemoryObjectStore(...lacking(1)), {
      isTTY: true,
    });
    expect(stdout).toContain('added the label');
    expect(stderr).toBe('added 1 label, 0 objects still missing a label\n');
  });
});

describe('backfill on a terminal', () => {
  test('first counts the objects, and then shows its progress', async () => {
    const store = new MemoryObjectStore(...lacking(3), newObject('Pod', 'invalid', { [OWNER]: '' }));
    const { stderr, stdout } = await backfill(['-A'], store, { isErrorTTY: true });
    expect(stderr).toMatch(/ 0\/3 objects, 0 %.* 3\/3 objects, 100 %/s);
    expect(stdout).not.toContain('\x1b');
  });

  test.for(['name', 'table'])('leaves the rows and a summary on the screen: %s', async (output) => {
    const store = new MemoryObjectStore(...lacking(3));
    const { terminal, stdout } = await backfill(['-A', '-o', output], store, { isTTY: true });
    expect(terminal).toEqual([
      ...stdout.split('\n').slice(0, -1),
      'added 3 labels, 0 objects still missing a label',
      '',
    ]);
    expect(stdout.split('\n').length).toBeGreaterThan(3);
  });

  test('leaves warnings on the screen', async () => {
    const { store, selecting } = undone();
    const { terminal } = await backfill(['-A', '-o', 'name', '--concurrency', '1'], store, { selecting, isTTY: true });
    expect(terminal).toEqual([
      expect.stringMatching(/^warning: pod\/pod-0: it would match several PodDisruptionBudgets: .*$/),
      expect.stringMatching(/^warning: service\/guarded: .* a policy says no$/),
      'added 0 labels, 2 objects still missing a label',
      '',
    ]);
  });

  test('says what a dry run would do', async () => {
    const { terminal } = await backfill(['-A', '-o', 'name', '--dry-run'], new MemoryObjectStore(...lacking(1)), {
      isTTY: true,
    });
    expect(terminal.at(-2)).toBe('would add 1 label, 0 objects still missing a label');
  });
});

describe('backfill --summary-file', () => {
  const file = () => join(temporaryDirectory(), 'summary');

  test('writes one line with the result', async () => {
    const { store, selecting } = undone();
    const summary = file();
    await backfill(['-A', '--summary-file', summary], store, { selecting });
    expect(readFileSync(summary, 'utf8')).toBe('added 0 labels, 2 objects still missing a label\n');
    store.put(newObject('Pod', 'shop/b', ofEnvoyGateway('eg')));
    store.delete('Service/system/guarded');
    await backfill(['-A', '--summary-file', summary, '--dry-run'], store, { selecting });
    expect(readFileSync(summary, 'utf8')).toBe('would add 1 label, 1 object still missing a label\n');
  });

  test('is not written after an error, which is more informative', async () => {
    const summary = file();
    const { exitCode } = await backfill(['-A', '--summary-file', summary], new MemoryObjectStore(), {
      refuse: () => UNAUTHORIZED,
    });
    expect(exitCode).toBe(2);
    expect(() => readFileSync(summary)).toThrow('ENOENT');
  });

  test('makes the command fail at the end if it cannot be written', async () => {
    const store = new MemoryObjectStore(...lacking(1));
    const summary = join(temporaryDirectory(), 'of-no-directory', 'summary');
    const { exitCode, stdout, stderr } = await backfill(['-A', '-o', 'name', '--summary-file', summary], store);
    expect([exitCode, stdout]).toEqual([1, 'pod/pod-0\n']);
    expect(stderr).toMatch(/^error: ENOENT: no such file or directory, open .*of-no-directory/);
  });
});

describe('backfill limits', () => {
  test.for([1, 2, 5])('limits concurrent writes: --concurrency %i', async (concurrency) => {
    const store = new MemoryObjectStore(...lacking(20));
    let [now, most] = [0, 0];
    store.before = async ({ name }) => {
      if (name !== 'addLabel') return;
      now += 1;
      most = Math.max(most, now);
      // Until no more requests arrive.
      for (let turns = 0; turns < 50; turns += 1) await turn();
      now -= 1;
    };
    await backfill(['-A', '--concurrency', String(concurrency)], store);
    expect([most, store.writes.length]).toEqual([concurrency, 20]);
  });

  test('limits writes per second: --qps', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const store = new MemoryObjectStore(...lacking(5));
    const written = async (count: number) => {
      while (store.writes.length < count) await turn();
      for (let turns = 0; turns < 200; turns += 1) await turn();
      return store.writes.length;
    };
    const { exited } = await start(['-A', '--qps', '2'], store);
    expect(await written(2)).toBe(2);
    vi.advanceTimersByTime(999);
    expect(await written(2)).toBe(2);
    vi.advanceTimersByTime(1);
    expect(await written(4)).toBe(4);
    vi.advanceTimersByTime(1000);
    expect(await exited).toBe(0);
  });
});

describe('backfill, if the API server fails in the middle', () => {
  const says = 'The API server refused GET /api/v1/pods: Unauthorized';

  test('of the list, exits with 2, reports its changes, and completes the document', async () => {
    const ran = (output: string) =>
      backfill(['-A', '-o', output], new MemoryObjectStore(...lacking(4)), { refuse: refusing('GET', 1) });
    const { exitCode, stdout, stderr } = await ran('json');
    expect([exitCode, stderr]).toEqual([2, `error: ${says}\n`]);
    expect(JSON.parse(stdout)).toMatchObject({ changes: [{}, {}], counts: { added: 2 }, error: says });
    expect(parse((await ran('yaml')).stdout)).toMatchObject({ changes: [{}, {}], counts: { added: 2 }, error: says });
    expect((await ran('name')).stdout).toBe('pod/pod-0\npod/pod-1\n');
    expect((await ran('table')).stdout.split('\n')).toHaveLength(4);
    expect(JSON.parse((await ran('log')).stdout.split('\n').at(-2) ?? '')).toMatchObject({
      level: 'error',
      added: 2,
      error: says,
      msg: 'stopped before all objects were checked',
    });
  });

  test('of the writes, exits with 2, and starts no more writes', async () => {
    const store = new MemoryObjectStore(...lacking(9));
    const { exitCode, stdout } = await backfill(['-A', '-o', 'json', '--concurrency', '1'], store, {
      refuse: refusing('PATCH', 3),
    });
    const { counts, error } = JSON.parse(stdout);
    expect([exitCode, counts.added, store.writes.length]).toEqual([2, 3, 3]);
    expect(error).toBe('The API server refused PATCH /api/v1/namespaces/system/pods/pod-3: Unauthorized');
  });

  test('before the objects are counted on a terminal, prints only the error', async () => {
    const { exitCode, terminal } = await backfill(['-A'], new MemoryObjectStore(...lacking(4)), {
      refuse: refusing('GET', 0),
      isTTY: true,
    });
    expect([exitCode, terminal]).toEqual([2, [`error: ${says}`, '']]);
  });
});

describe('backfill, interrupted', () => {
  const NOTHING = 'added 0 labels, 0 objects still missing a label\n';
  const HINT = 'interrupted: run the same command again to resume\n';

  /** Interrupts the command at the nth request for this path. */
  async function interrupted(
    args: readonly string[],
    is: (request: ReceivedRequest) => boolean,
    options: Options = {},
  ) {
    const store = new MemoryObjectStore(...lacking(9));
    let interrupt = () => {};
    const refuse = async (request: ReceivedRequest): Promise<Answer | undefined> => {
      if (!is(request)) return undefined;
      interrupt();
      // A request is in flight when the command is interrupted.
      await turn();
      return undefined;
    };
    const started = await start(['-A', '--concurrency', '2', ...args], store, { refuse, ...options });
    interrupt = started.interrupt;
    const exitCode = await started.exited;
    return { exitCode, store, ...apart(started.written, started.terminal()) };
  }

  const isPatchOf = (name: string) => (request: ReceivedRequest) =>
    request.method === 'PATCH' && request.path.endsWith(name);

  test('finishes the writes in flight, exits with 1, and says how to continue', async () => {
    const { exitCode, stdout, stderr, store } = await interrupted(['-o', 'name'], isPatchOf('pod-2'));
    expect([exitCode, stderr]).toEqual([1, HINT]);
    expect(store.writes.length).toBeGreaterThanOrEqual(3);
    expect(store.writes.length).toBeLessThanOrEqual(4);
    expect(stdout.split('\n').filter(Boolean).sort()).toEqual(
      store.writes.map(({ key }) => `pod/${key.split('/')[2]}`).sort(),
    );
  });

  test('adds the remaining labels when it is run again', async () => {
    const { store } = await interrupted([], isPatchOf('pod-2'));
    const { exitCode, stdout } = await backfill(['-A', '-o', 'json'], store);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).counts.added).toBe(9 - (store.writes.length - JSON.parse(stdout).counts.added));
    expect(store.writes).toHaveLength(9);
  });

  test('reports it in the document, in the log and in the summary file', async () => {
    const file = join(temporaryDirectory(), 'summary');
    const { stdout, store } = await interrupted(['-o', 'json', '--summary-file', file], isPatchOf('pod-0'));
    const { changes, error } = JSON.parse(stdout);
    expect([changes.length, error]).toEqual([store.writes.length, 'interrupted']);
    expect(readFileSync(file, 'utf8')).toBe(
      `added ${changes.length} labels, 0 objects still missing a label, interrupted\n`,
    );
    const log = await interrupted(['-o', 'log'], isPatchOf('pod-0'));
    expect(JSON.parse(log.stdout.split('\n').at(-2) ?? '')).toMatchObject({ level: 'error', error: 'interrupted' });
  });

  test.for([
    { name: 'the selecting objects are read', path: '/apis/policy/v1/poddisruptionbudgets' },
    { name: 'objects are listed', path: '/api/v1/serviceaccounts' },
  ])('while $name, reports no error', async ({ path }) => {
    const { exitCode, stderr, store } = await interrupted(['-o', 'name'], (request) => request.path === path);
    expect([exitCode, stderr, store.writes]).toEqual([1, `${NOTHING}${HINT}`, []]);
  });

  test('while objects are counted, reports no error, and removes the progress bar', async () => {
    const { exitCode, terminal, stdout, store } = await interrupted(
      ['-o', 'json'],
      ({ path }) => path === '/api/v1/serviceaccounts',
      { isErrorTTY: true },
    );
    expect([exitCode, store.writes]).toEqual([1, []]);
    expect(JSON.parse(stdout)).toMatchObject({ changes: [], error: 'interrupted' });
    expect(terminal.slice(-3)).toEqual(['added 0 labels, 0 objects still missing a label', HINT.trim(), '']);
  });

  test('while it waits for an overloaded API server, exits immediately', async () => {
    const store = new MemoryObjectStore(...lacking(1));
    let interrupt = () => {};
    const refuse = ({ method }: ReceivedRequest): Answer | undefined => {
      if (method !== 'PATCH') return undefined;
      setImmediate(() => interrupt());
      return (response) => response.writeHead(429, { 'retry-after': '3600' }).end('{"message":"too many"}');
    };
    const started = await start(['-A'], store, { refuse });
    interrupt = started.interrupt;
    expect(await started.exited).toBe(1);
    const { stderr } = apart(started.written, started.terminal());
    expect([stderr, store.writes]).toEqual([`${NOTHING}${HINT}`, []]);
  });
});

describe('backfill without permissions', () => {
  const TO_ADD = ['serviceaccounts', 'pods', 'services'];
  const rights = (namespace: string) => [
    ...TO_ADD.map((resource) => `list ${resource} ${namespace}`),
    ...TO_ADD.flatMap((resource) => [`get ${resource} ${namespace}`, `patch ${resource} ${namespace}`]),
    `list poddisruptionbudgets.policy ${namespace}`,
  ];
  const POLICIES = 'list networkpolicies.networking.k8s.io';

  test.for([
    { args: ['-n', 'a'], needed: rights('a') },
    { args: ['-n', 'a', '--dry-run'], needed: [...rights('a'), `${POLICIES} a`] },
    { args: ['-A'], needed: rights('*') },
    { args: ['-A', '--namespace-selector', 'a=b'], needed: [...rights('*'), 'list namespaces *'] },
    { args: ['-A', '--dry-run'], needed: [...rights('*'), `${POLICIES} *`, 'list namespaces *'] },
  ])('prints the missing permissions: $args', async ({ args, needed }) => {
    const { asked, refuse } = forbidding();
    const { exitCode, stderr } = await backfill([...args, '-o', 'name'], new MemoryObjectStore(), { refuse });
    expect([exitCode, asked]).toEqual([2, needed]);
    expect(stderr).toMatch(/^error: User "[^"]+" is not allowed to .*gateway-name-webhook-backfill/s);
  });

  test('prints nothing about labels after a usage error', async () => {
    const { exitCode, terminal } = await backfill(['-A', '-n', 'a'], new MemoryObjectStore(), { isTTY: true });
    expect([exitCode, terminal]).toEqual([2, ['error: -n and -A are mutually exclusive', '']]);
  });
});

describe('backfill with rule.reverse of the installation', () => {
  const MANAGED = {
    matchExpressions: [{ key: 'app.kubernetes.io/managed-by', operator: 'In', values: ['envoy-gateway'] }],
  };
  const configurations = [
    { metadata: { name: 'a-name' }, webhooks: [{ ...entryFor('owner'), objectSelector: MANAGED }] },
  ];
  const istio = () => new MemoryObjectStore(newObject('Service', 'istio', { [STANDARD]: 'eg' }));

  test("leaves Istio's objects unchanged if it is managed, and says so", async () => {
    const store = istio();
    const { exitCode, stderr } = await backfill(['-A'], store, { configurations, reverse: [] });
    expect([exitCode, stderr, store.writes]).toEqual([
      0,
      'using rule.reverse=managed (from a-name); override it with --reverse\nadded 0 labels, 0 objects still missing a label\n',
      [],
    ]);
  });

  test('prefers the flag', async () => {
    const { stdout, stderr } = await backfill(['-A', '-o', 'name'], istio(), { configurations });
    expect([stdout, stderr]).toEqual(['service/istio\n', '']);
  });

  test('retries if the API server is too busy to return it', async () => {
    let asked = 0;
    const refuse = ({ path }: ReceivedRequest): Answer | undefined => {
      if (!path.endsWith('/mutatingwebhookconfigurations')) return undefined;
      asked += 1;
      return asked === 1 ? [429, { message: 'too many' }] : undefined;
    };
    const { exitCode, stderr } = await backfill(['-A'], istio(), { configurations, refuse, reverse: [] });
    expect([exitCode, asked]).toEqual([0, 2]);
    expect(stderr).toContain('using rule.reverse=managed (from a-name)');
  });

  test('writes nothing if it cannot be read', async () => {
    const store = istio();
    const refuse = ({ path }: ReceivedRequest): Answer | undefined =>
      path.includes('admissionregistration') ? [400, { message: 'no' }] : undefined;
    const { exitCode, stderr } = await backfill(['-A'], store, { refuse, reverse: [] });
    expect([exitCode, store.writes]).toEqual([2, []]);
    expect(stderr).toMatch(/^error: The API server refused GET .*\/mutatingwebhookconfigurations: no\n$/);
  });

  test('writes nothing without permission to read it', async () => {
    const store = istio();
    const refuse = ({ path }: ReceivedRequest): Answer | undefined =>
      path.includes('admissionregistration') ? [403, { message: 'no' }] : undefined;
    const { exitCode, stderr } = await backfill(['-A'], store, { refuse, reverse: [] });
    expect([exitCode, store.writes]).toEqual([2, []]);
    expect(stderr).toMatch(/^error: Cannot read rule\.reverse from the installation, set --reverse\. .*no\n$/);
  });
});
