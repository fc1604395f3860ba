import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../src/commands/program.ts';
import { testContext } from '../support/context.ts';
import { faultyCluster, NOW } from '../support/faulty-cluster.ts';
import { COMMANDS } from '../support/help.ts';
import { startStoreApi } from '../support/store-api.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

/** Runs a command on the faulty cluster, and returns its output. */
async function ran(...args: readonly string[]) {
  const { store, selecting } = faultyCluster();
  await startStoreApi(store, { selecting });
  const { context, written } = testContext();
  return { exitCode: await run(args, context), ...written };
}

function golden(name: string): string {
  return `golden/${name}.golden`;
}

describe('output equals the golden file:', () => {
  test.for(['', ...COMMANDS])('%s --help', async (command) => {
    const { exitCode, stdout } = await ran(...command.split(' ').filter(Boolean), '--help');
    expect(exitCode).toBe(0);
    await expect(stdout).toMatchFileSnapshot(golden(['help', ...command.split(' ').filter(Boolean)].join('.')));
  });

  test.for(['table', 'wide', 'json', 'yaml', 'name'])('audit -o %s', async (output) => {
    const { exitCode, stdout, stderr } = await ran('audit', '-A', '-o', output);
    expect(exitCode).toBe(0);
    await expect(stderr).toMatchFileSnapshot(golden('audit.stderr'));
    await expect(stdout).toMatchFileSnapshot(golden(`audit.${output}`));
  });

  const UNDONE = ['Pod envoy-shop-eg-6d8-a', 'Service guarded'];
  test.for(['table', 'json', 'yaml', 'name', 'log'])('backfill -o %s', async (output) => {
    const { exitCode, stdout, stderr } = await ran('backfill', '-A', '--concurrency', '1', '-o', output);
    expect(exitCode).toBe(1);
    const warned = [...stderr.matchAll(/^warning: (\w+)\/([\w-]+): .+$/gm)];
    expect(warned).toHaveLength(output === 'name' ? UNDONE.length : 0);
    await expect(stdout).toMatchFileSnapshot(golden(`backfill.${output}`));
  });

  test.for(['table', 'json', 'yaml', 'name', 'log'])('backfill --dry-run -o %s', async (output) => {
    const { exitCode, stdout } = await ran('backfill', '-A', '--dry-run', '--concurrency', '1', '-o', output);
    expect(exitCode).toBe(1);
    await expect(stdout).toMatchFileSnapshot(golden(`backfill-dry-run.${output}`));
  });

  test.for([
    { args: ['audit', '-A'], like: 'audit.table' },
    { args: ['audit', '-A', '-o', 'wide'], like: 'audit.wide' },
    { args: ['backfill', '-A', '--concurrency', '1'], like: 'backfill.table' },
    { args: ['backfill', '-A', '--dry-run', '--concurrency', '1'], like: 'backfill-dry-run.table' },
  ])('$args --no-headers prints the rows of $like, and nothing else', async ({ args, like }) => {
    const whole = await readFile(new URL(golden(like), import.meta.url), 'utf8');
    const [, ...rows] = String(whole.split('\n\n')[0]).trimEnd().split('\n');
    const { stdout } = await ran(...args, '--no-headers');
    expect(cells(stdout)).toEqual(cells(rows.join('\n')));
    expect(rows.length).toBeGreaterThan(5);
  });
});

/** Columns may be narrower without the header. */
function cells(table: string): string[] {
  return table
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll(/ {3,}/g, '   '));
}
