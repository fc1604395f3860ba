import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run } from '../../src/commands/program.ts';
import { testContext } from '../support/context.ts';
import { faultyCluster, NOW } from '../support/faulty-cluster.ts';
import { COMMANDS } from '../support/help.ts';
import { startStoreApi } from '../support/store-api.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

/** Runs a command on the faulty cluster. */
async function ran(...args: readonly string[]) {
  const { store, selecting } = faultyCluster();
  await startStoreApi(store, { selecting });
  const { context, written } = testContext();
  return { exitCode: await run(args, context), ...written };
}

function golden(name: string): string {
  return `golden/${name}.golden`;
}

describe('what is printed', () => {
  test.for(['', ...COMMANDS])('by %s --help is the golden file', async (command) => {
    const { exitCode, stdout } = await ran(...command.split(' ').filter(Boolean), '--help');
    expect(exitCode).toBe(0);
    await expect(stdout).toMatchFileSnapshot(golden(['help', ...command.split(' ').filter(Boolean)].join('.')));
  });

  test.for(['table', 'wide', 'json', 'yaml', 'name'])('by audit -o %s is the golden file', async (output) => {
    const { exitCode, stdout, stderr } = await ran('audit', '-A', '-o', output);
    expect(exitCode).toBe(0);
    await expect(stderr).toMatchFileSnapshot(golden('audit.stderr'));
    await expect(stdout).toMatchFileSnapshot(golden(`audit.${output}`));
  });

  const UNDONE = ['Pod envoy-shop-eg-6d8-a', 'Service guarded'];
  test.for(['table', 'json', 'yaml', 'name', 'log'])('by backfill -o %s is the golden file', async (output) => {
    const { exitCode, stdout, stderr } = await ran('backfill', '-A', '--concurrency', '1', '-o', output);
    expect(exitCode).toBe(1);
    const warned = [...stderr.matchAll(/^warning: (\w+)\/([\w-]+): .+$/gm)];
    expect(warned).toHaveLength(output === 'name' ? UNDONE.length : 0);
    await expect(stdout).toMatchFileSnapshot(golden(`backfill.${output}`));
  });

  test.for(['table', 'json', 'yaml', 'name', 'log'])('by a dry run -o %s is the golden file', async (output) => {
    const { exitCode, stdout } = await ran('backfill', '-A', '--dry-run', '--concurrency', '1', '-o', output);
    expect(exitCode).toBe(1);
    await expect(stdout).toMatchFileSnapshot(golden(`backfill-dry-run.${output}`));
  });

  test.for([
    { args: ['audit', '-A'], like: 'audit.table' },
    { args: ['audit', '-A', '-o', 'wide'], like: 'audit.wide' },
    { args: ['backfill', '-A', '--concurrency', '1'], like: 'backfill.table' },
    { args: ['backfill', '-A', '--dry-run', '--concurrency', '1'], like: 'backfill-dry-run.table' },
  ])('by $args --no-headers is the rows of $like, and nothing else', async ({ args, like }) => {
    const whole = await readFile(new URL(golden(like), import.meta.url), 'utf8');
    const [, ...rows] = String(whole.split('\n\n')[0]).trimEnd().split('\n');
    const { stdout } = await ran(...args, '--no-headers');
    expect(cells(stdout)).toEqual(cells(rows.join('\n')));
    expect(rows.length).toBeGreaterThan(5);
  });
});

/** Without the header, columns may be narrower. */
function cells(table: string): string[] {
  return table
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll(/ {3,}/g, '   '));
}
