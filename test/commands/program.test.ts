import { describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { SERVE_SETTINGS } from '../../src/commands/options/settings.ts';
import { run } from '../../src/commands/program.ts';
import { testContext } from '../support/context.ts';

async function cli(...args: readonly string[]) {
  const { context, written } = testContext();
  const exitCode = await run(args, context);
  return { exitCode, ...written };
}

describe('run()', () => {
  test('prints its version', async () => {
    expect(await cli('--version')).toEqual({ exitCode: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  });

  test.for(['--help', 'help'])('prints what there is on stdout: %s', async (word) => {
    const { exitCode, stdout, stderr } = await cli(word);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/serve .*\n.*review /s);
  });

  test('prints every setting of serve with flag, variable and default', async () => {
    const { exitCode, stdout } = await cli('serve', '--help');
    const words = stdout.replaceAll(/\s+/g, ' ');
    expect(exitCode).toBe(0);
    for (const { flags, env, description, default: text } of Object.values(SERVE_SETTINGS)) {
      expect(words).toContain(`${flags} ${description} (default: "${text}", env: ${env})`);
    }
    for (const name of ['quiet-period', 'grace-period']) expect(stdout).toMatch(`--${name} <duration>`);
  });

  test.for([
    { args: [], says: 'Usage: gateway-name-webhook' },
    { args: ['sreve'], says: "error: unknown command 'sreve'\n(Did you mean serve?)" },
    { args: ['serve', '--port', '1'], says: "error: unknown option '--port'" },
    { args: ['serve', 'now'], says: 'error: too many arguments' },
    {
      args: ['review', '-o', 'xml'],
      says: "error: option '-o, --output <form>' argument 'xml' is invalid. Allowed choices are table, json, yaml.",
    },
  ])('exits with 2 on bad usage, and says what is wrong: $args', async ({ args, says }) => {
    const { exitCode, stdout, stderr } = await cli(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
  });

  test('names every wrong setting at once, from flags and environment, and exits with 2', async () => {
    process.env['GATEWAY_NAME_WEBHOOK_REVERSE'] = 'no';
    onTestFinished(() => {
      delete process.env['GATEWAY_NAME_WEBHOOK_REVERSE'];
    });
    const { exitCode, stdout, stderr } = await cli('serve', '--listen', 'x', '--log-level', 'y');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: --listen .*\nerror: --reverse .*"no".*\nerror: --log-level .*\n\(.*serve --help/);
  });
});
