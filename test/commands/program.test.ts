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
  test.for(['--version', 'version'])('prints its version: %s', async (word) => {
    expect(await cli(word)).toEqual({ exitCode: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  });

  test.for(['--help', 'help'])('prints help to stdout: %s', async (word) => {
    const { exitCode, stdout, stderr } = await cli(word);
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/serve .*\n.*review /s);
  });

  test('prints the flag, the variable and the default of every setting of serve', async () => {
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
  ])('exits with 2 after a usage error, and prints the reason: $args', async ({ args, says }) => {
    const { exitCode, stdout, stderr } = await cli(...args);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toContain(says);
  });

  test.for([
    { args: ['sreve'], command: '' },
    { args: ['audit', '--no-such-flag'], command: ' audit' },
    { args: ['certs', 'status', 'a'], command: ' certs status' },
    { args: ['why'], command: ' why' },
  ])('says where to find help: $args', async ({ args, command }) => {
    expect((await cli(...args)).stderr).toMatch(new RegExp(`\nSee 'gateway-name-webhook${command} --help'.\n$`));
  });

  test('uses the name that the user typed if it runs as a kubectl plugin', async () => {
    const { context, written } = testContext({ program: 'kubectl gateway-name' });
    expect(await run(['audit', '--help'], context)).toBe(0);
    expect(written.stdout).toMatch(/^Usage: kubectl gateway-name audit \[options\]\n/);
    expect(written.stdout).toContain('\n  kubectl gateway-name audit -A --check -o json\n');
    expect(written.stdout).not.toMatch(/(?<!\.)gateway-name-webhook (?!\()/);
    await run(['audit', 'x'], context);
    expect(written.stderr).toContain("See 'kubectl gateway-name audit --help'.");
  });

  test('prints all invalid settings, from flags and environment, and exits with 2', async () => {
    process.env['GATEWAY_NAME_WEBHOOK_REVERSE'] = 'no';
    onTestFinished(() => {
      delete process.env['GATEWAY_NAME_WEBHOOK_REVERSE'];
    });
    const { exitCode, stdout, stderr } = await cli('serve', '--listen', 'x', '--log-level', 'y');
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(
      /^error: --listen .*\nerror: --reverse .*"no".*\nerror: --log-level .*\nSee 'gateway-name-webhook serve --help'\.\n$/,
    );
  });
});
