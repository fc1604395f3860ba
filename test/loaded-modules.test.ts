import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { podEnvironment, writeServiceAccount } from './support/service-account.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { startTrustApi } from './support/trust-api.ts';

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;

/** Prints the URLs of all loaded modules on exit. */
const REPORT = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  const urls = [];
  registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
  process.on('exit', () => process.stderr.write(JSON.stringify(urls)));
`)}`;

/** Runs `serve` until it is ready, and returns the packages that it has loaded. */
async function packagesOf(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Set<string>> {
  const addresses = ['--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0', '--quiet-period', '0'];
  const child = spawn(process.execPath, ['--import', REPORT, MAIN, 'serve', ...addresses, ...args], {
    env,
    stdio: 'pipe',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [stderr, exited] = [text(child.stderr), once(child, 'exit')];
  for await (const line of createInterface(child.stdout)) {
    if (JSON.parse(line).msg === 'ready') child.kill('SIGTERM');
  }
  await exited;
  const urls: string[] = JSON.parse(await stderr);
  return new Set(urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []));
}

/** Packages for other commands, or for other modes of this one. */
const NOT_OF_SERVE = [
  '@kubernetes/client-node',
  'undici',
  'ajv',
  '@fastify/ajv-compiler',
  'light-my-request',
  'yaml',
  'socks',
  'pino-pretty',
  'p-queue',
];

test.for(['files', 'self'] as const)(
  'serve loads only the packages that it uses in certificate mode %s',
  async (mode) => {
    const api = await startTrustApi();
    const directory = temporaryDirectory();
    const args = {
      files: ['--certificates', directory],
      self: ['--service-account', writeServiceAccount(api), '--ca-secret', 'a-namespace/a-secret'],
    };
    const packages = await packagesOf(['--certificate-mode', mode, ...args[mode]], podEnvironment(api));
    expect([...packages]).toEqual(expect.arrayContaining(['fastify', 'pino', 'node-forge']));
    expect(NOT_OF_SERVE.filter((name) => packages.has(name))).toEqual([]);
    expect(api.requests.length > 0).toBe(mode === 'self');
  },
);
