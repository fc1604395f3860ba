import { execFile, spawn } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { documentedBlock } from '../support/documented.ts';
import { documentedCommands } from '../support/documented-commands.ts';
import { program } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Starts what `npm start` runs, on a free port, with its certificates in `certs` of a directory. Returns its address. */
async function startIn(cwd: string): Promise<string> {
  const addresses = ['--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0'];
  const child = spawn(...program(['serve', ...addresses]), { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  for await (const line of createInterface(child.stdout)) {
    const { msg, url } = JSON.parse(line);
    if (msg === 'listening') return url;
  }
  throw new Error('The webhook has ended');
}

test('the README shows what curl prints of a local run', async () => {
  const cwd = temporaryDirectory();
  symlinkSync(resolve('test'), join(cwd, 'test'));
  const url = await startIn(cwd);
  const { line = '' } =
    documentedCommands().find(({ path, line }) => path === 'README.md' && line.startsWith('curl')) ?? {};
  expect(line).toContain('https://localhost:8443/mutate');
  const command = line.replace('https://localhost:8443/mutate', url).replace('curl', 'curl --silent --show-error');
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd });
  expect(`${stdout.trim()}\n`).toBe(documentedBlock('README.md', 'json'));
});
