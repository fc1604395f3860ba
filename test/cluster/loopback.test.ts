import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { certificateDirectory } from './webhook.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Runs in an isolated network. Works for root, and for users who may create namespaces. */
const UNSHARE = ['--user', '--map-root-user', '--net'];

const canUnshare = spawnSync('unshare', [...UNSHARE, 'true']).status === 0;
const isSkipped = !canUnshare && !process.env['REQUIRE_CLUSTER'];

describe.skipIf(isSkipped)('serve on all addresses becomes ready', () => {
  test.for([
    { where: 'with IPv4 and IPv6', commands: [] },
    { where: 'with IPv6 turned off', commands: ['echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'] },
    { where: 'without an IPv4 address', commands: ['ip address del 127.0.0.1/8 dev lo'] },
  ])('$where', async ({ commands }) => {
    await using directory = await certificateDirectory();
    const serve = `exec "$0" ${MAIN} serve --listen :10250 --metrics-listen :8080 --certificates ${directory.path}`;
    const script = ['set -e', 'ip link set lo up', ...commands, serve].join('\n');
    const child = spawn('unshare', [...UNSHARE, 'sh', '-c', script, process.execPath], {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    try {
      expect(await readiness(child.stdout)).toMatchObject({ msg: 'ready' });
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
  });
});

/** Returns the webhook's log line about its readiness; undefined if it ends before. */
async function readiness(output: NodeJS.ReadableStream): Promise<object | undefined> {
  for await (const text of createInterface(output)) {
    const line = JSON.parse(text);
    if (line.msg === 'ready' || line.msg === 'not ready') return line;
  }
  return undefined;
}
