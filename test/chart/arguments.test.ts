import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { program } from '../support/program.ts';
import { renderObjects, type Values } from './helm.ts';
import { argumentsOf } from './pod-templates.ts';

const GOLDEN = fileURLToPath(new URL('golden', import.meta.url));

/** Returns the program's error output. It has no access to a cluster. */
function complaintAbout(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(...program(args), { env: {} }, (_error, _stdout, stderr) => resolve(stderr));
  });
}

describe.skipIf(inject('helm') === null)('the arguments of the container', () => {
  test.for<Values>([
    {},
    { certificates: { mode: 'cert-manager', names: ['192.0.2.7', '::1', 'webhook.example.com'] } },
    {
      webhook: { clientConfig: { url: 'https://[fd00::7]:30443/mutate' } },
      rule: { reverse: 'off' },
      logLevel: 'silent',
    },
  ])('are accepted by serve, with values %j', async (values) => {
    const args = argumentsOf(await renderObjects(values), 'Deployment');

    // The error names all wrong settings at once. Only the one that is wrong on purpose must appear.
    expect(await complaintAbout([...args, '--quiet-period=wrong'])).toMatch(
      /^error: --quiet-period .* is "wrong", .*\nSee '.* serve --help'\.\n$/,
    );
  });

  test.for(['heal', 'heal-all-namespaces'])('are accepted by backfill, with values %s', async (name) => {
    const values = await readFile(join(GOLDEN, `${name}.values.yaml`), 'utf8');
    const args = argumentsOf(await renderObjects(values), 'CronJob');

    expect(args[0]).toBe('backfill');
    // Arguments are checked first: the error would name one that is unknown.
    expect(await complaintAbout(args)).toMatch(/^error: No cluster found: /);
  });
});
