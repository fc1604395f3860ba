import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { renderObjects, type Values } from './helm.ts';
import { argumentsOf } from './pod-templates.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

describe.skipIf(inject('helm') === null)('the arguments of the container', () => {
  test.for<Values>([
    {},
    { certificates: { mode: 'cert-manager', names: ['192.0.2.7', '::1', 'webhook.example.com'] } },
    {
      webhook: { clientConfig: { url: 'https://[fd00::7]:30443/mutate' } },
      rule: { reverse: 'off' },
      logLevel: 'silent',
    },
  ])('are ones that serve accepts, with values %j', async (values) => {
    const args = argumentsOf(await renderObjects(values), 'Deployment');

    // All wrong settings are named at once: only the one that is wrong on purpose must be.
    const stderr = await new Promise((resolve) => {
      execFile(process.execPath, [MAIN, ...args, '--quiet-period=wrong'], { env: {} }, (_error, _stdout, text) =>
        resolve(text),
      );
    });
    expect(stderr).toMatch(/^error: --quiet-period .* is "wrong", .*\n\(.*\)\n$/);
  });
});
