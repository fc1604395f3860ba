import { describe, expect, test } from 'vitest';
import { run } from '../../src/commands/program.ts';
import { testContext } from '../support/context.ts';
import { environment } from '../support/environment.ts';
import { OWNER } from '../support/gateway-objects.ts';
import { MemoryObjectStore } from '../support/memory-object-store.ts';
import { startStoreApi } from '../support/store-api.ts';

async function cli(...args: readonly string[]) {
  const { context, written } = testContext();
  const exitCode = await run(args, context);
  return { exitCode, ...written };
}

describe('the commands for objects in a cluster', () => {
  test.for([
    {
      command: 'audit',
      says: [
        '-n, --namespace <name>',
        '-A, --all-namespaces',
        '--namespace-selector <selector>',
        '--reverse <both|managed|off>',
        'env: GATEWAY_NAME_WEBHOOK_REVERSE',
        '(choices: "table", "wide", "json", "yaml", "name", default: "table")',
        '--check exit with 1 if there are findings',
        'Exit codes: 0; 1 if there are findings, with --check; 2 if the cluster cannot be read.',
        'gateway-name-webhook audit -A --check -o json',
      ],
    },
    {
      command: 'backfill',
      says: [
        '--dry-run [strategy] "none" or "server": server-side dry run; nothing is persisted (default: none, preset: "server")',
        '--accept-pdb-overlap',
        '--qps <writes> maximum writes per second (default: 200)',
        '--concurrency <writes> maximum concurrent writes (default: 8)',
        '(choices: "table", "json", "yaml", "name", "log", default: "table")',
        '--log-level <level> with -o log: minimum log level',
        '--summary-file <file>',
        'Ctrl-C',
        'Exit codes: 0; 1 if objects are still missing a label; 2 if the cluster cannot be read.',
        'gateway-name-webhook backfill -A --dry-run',
      ],
    },
  ])('describe themselves: $command --help', async ({ command, says }) => {
    const { exitCode, stdout, stderr } = await cli(command, '--help');
    expect([exitCode, stderr]).toEqual([0, '']);
    for (const words of says) expect(stdout.replaceAll(/\s+/g, ' ')).toContain(words);
    expect((await cli('--help')).stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  });

  test.for([
    { args: ['audit', '-o', 'log'], says: "option '-o, --output <form>' argument 'log' is invalid" },
    { args: ['audit', '--reverse', 'no'], says: 'Allowed choices are both, managed, off.' },
    { args: ['audit', '--dry-run'], says: "unknown option '--dry-run'" },
    { args: ['audit', 'pods'], says: 'too many arguments' },
    { args: ['backfill', '-o', 'xml'], says: 'Allowed choices are table, json, yaml, name, log.' },
    { args: ['backfill', '--check'], says: "unknown option '--check'" },
    { args: ['backfill', '--log-level', 'loud'], says: 'Allowed choices are trace, debug, info' },
    {
      args: ['backfill', '--dry-run=client'],
      says: 'Expected server or none; to preview without writing, use audit.',
    },
    { args: ['backfill', '--qps', '0'], says: "argument '0' is invalid. Expected a number from 1 to 10000." },
    { args: ['backfill', '--qps', '10001'], says: 'Expected a number from 1 to 10000.' },
    { args: ['backfill', '--qps', '1.5'], says: 'Expected a number from 1 to 10000.' },
    { args: ['backfill', '--qps', '1e3'], says: 'Expected a number from 1 to 10000.' },
    { args: ['backfill', '--qps', ''], says: 'Expected a number from 1 to 10000.' },
    { args: ['backfill', '--concurrency', '257'], says: 'Expected a number from 1 to 256.' },
    { args: ['backfill', '--concurrency', '-1'], says: 'Expected a number from 1 to 256.' },
  ])('exit with 2 after a usage error: $args', async ({ args, says }) => {
    const { exitCode, stdout, stderr } = await cli(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
  });

  test.for(['audit', 'backfill'])('exit with 2 if the direction in the environment is invalid: %s', async (command) => {
    environment({ GATEWAY_NAME_WEBHOOK_REVERSE: 'sideways' });
    const { exitCode, stderr } = await cli(command, '-A');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('GATEWAY_NAME_WEBHOOK_REVERSE')]);
  });

  test.for(['audit', 'backfill'])('exit with 2 if the context or the cluster does not exist: %s', async (command) => {
    const { url, stop } = await startStoreApi(new MemoryObjectStore());
    expect(await cli(command, '-A', '--context', 'third')).toEqual({
      exitCode: 2,
      stdout: '',
      stderr: 'error: The kubeconfig has no context "third"; it has "first", "second", "namespaced"\n',
    });
    await stop();
    const { exitCode, stderr } = await cli(command, '-A', '-o', 'name');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`error: Cannot reach the API server at ${url}: `)]);
  });

  test.for([
    { flags: [], isDry: false },
    { flags: ['--dry-run=none'], isDry: false },
    { flags: ['--dry-run'], isDry: true },
    { flags: ['--dry-run=server'], isDry: true },
    { flags: ['--dry-run', 'server'], isDry: true },
  ])('backfill sends dry runs with $flags: $isDry', async ({ flags, isDry }) => {
    const store = new MemoryObjectStore(
      { kind: 'Service', metadata: { namespace: 'a', name: 'b', labels: { [OWNER]: 'eg', app: 'c' } } },
      { kind: 'Service', metadata: { namespace: 'a', name: 'other', labels: { [OWNER]: 'eg' } } },
    );
    await startStoreApi(store);
    expect(await cli('backfill', '-A', '-l', 'app=c', ...flags)).toMatchObject({ exitCode: 0 });
    expect(store.writes).toMatchObject([{ key: 'Service/a/b', dryRun: isDry }]);
  });

  test.for([
    ['--qps', '10000', '--concurrency', '256'],
    ['--qps', '1', '--concurrency', '1'],
  ])('accept the lowest and the highest limits: %s', async (...args) => {
    await startStoreApi(new MemoryObjectStore());
    expect(await cli('backfill', '-A', ...args.flat().filter((arg) => typeof arg === 'string'))).toMatchObject({
      exitCode: 0,
    });
  });
});
