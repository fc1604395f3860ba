import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, symlinkSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MemoryObjectStore } from './support/memory-object-store.ts';
import { MAIN, program } from './support/program.ts';
import { recorded, recordedPath } from './support/reviews.ts';
import { startStoreApi } from './support/store-api.ts';
import { newObject, ofEnvoyGateway } from './support/stored-objects.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

/** Starts `serve` as a process, and resolves when it is ready. */
async function start(...args: readonly string[]) {
  const directory = temporaryDirectory();
  const addresses = ['--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0', '--certificates', directory];
  const child = spawn(...program(['serve', ...addresses, ...args]), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const lines: Record<string, string>[] = [];
  const reader = createInterface(child.stdout);
  const line = async (msg: string): Promise<Record<string, string>> => {
    for (;;) {
      const found = lines.find((candidate) => candidate['msg'] === msg);
      if (found) return found;
      await once(reader, 'line');
    }
  };
  reader.on('line', (logged) => lines.push(JSON.parse(logged)));
  const { url = '', metrics = '' } = await line('listening');
  await line('ready');
  return {
    child,
    exited,
    line,
    lines,
    reader,
    url: new URL(url),
    metrics,
    ca: readFileSync(join(directory, 'ca.crt'), 'utf8'),
  };
}

/** Posts reviews over persistent connections, like the API server, one at a time on each, until stopped. */
function load({ url, ca }: { url: URL; ca: string }, connections: number) {
  const agents = Array.from({ length: connections }, () => new Agent({ keepAlive: true, maxSockets: 1, ca }));
  const body = JSON.stringify(recorded('envoy-serviceaccount.json'));
  const counts = { answered: 0, failed: [] as string[], sockets: new Set<unknown>(), closing: 0 };
  let stopped = false;

  const postOnce = (agent: Agent) =>
    new Promise<void>((resolve) => {
      const headers = { 'content-type': 'application/json', 'content-length': body.length };
      const client = request({
        host: 'localhost',
        port: url.port,
        path: '/mutate?timeout=2s',
        method: 'POST',
        agent,
        headers,
      });
      client.on('socket', (socket) => counts.sockets.add(socket));
      client.on('response', async (response) => {
        const answer = await text(response).catch((error: Error) => error.message);
        if (response.statusCode === 200 && answer.includes('"patchType":"JSONPatch"')) counts.answered += 1;
        else counts.failed.push(answer);
        if (response.headers.connection === 'close') counts.closing += 1;
        resolve();
      });
      client.on('error', (error) => {
        counts.failed.push(error.message);
        resolve();
      });
      client.end(body);
    });
  const done = Promise.all(
    agents.map(async (agent) => {
      while (!stopped && counts.failed.length === 0) await postOnce(agent);
      agent.destroy();
    }),
  );
  const stop = () => {
    stopped = true;
    return done;
  };
  return { counts, stop };
}

describe('gateway-name-webhook serve as a process', () => {
  test.for(['SIGTERM', 'SIGINT'] as const)(
    'drains on %s: no request fails under load, clients move to new connections, and it exits with 0',
    async (signal) => {
      const webhook = await start('--quiet-period', '2', '--grace-period', '20');
      const { counts, stop } = load(webhook, 8);
      await expect.poll(() => counts.answered, { timeout: 20_000 }).toBeGreaterThan(200);
      expect(counts.sockets.size).toBe(8);
      webhook.child.kill(signal);

      await expect.poll(async () => (await fetch(new URL('/readyz', webhook.metrics))).status).toBe(503);
      const whenUnready = counts.answered;
      await expect.poll(() => counts.answered, { timeout: 20_000 }).toBeGreaterThan(whenUnready + 100);
      // First the existing connections, and then those opened during the drain.
      await expect.poll(() => counts.closing, { timeout: 20_000 }).toBeGreaterThan(8);
      await stop();
      expect(counts.failed).toEqual([]);
      expect(counts.sockets.size).toBeGreaterThan(16);
      expect(await webhook.exited).toEqual([0, null]);
    },
  );

  test('answers reviews while its log is not read', async () => {
    const webhook = await start();
    webhook.reader.pause();
    const { counts, stop } = load(webhook, 8);
    // A pipe holds 64 KiB, about 300 lines.
    await expect.poll(() => counts.answered, { timeout: 20_000 }).toBeGreaterThan(2_000);
    await stop();
    expect(counts.failed).toEqual([]);
  });

  test('exits with 1 immediately on a second signal', async () => {
    const webhook = await start('--quiet-period', '3600', '--grace-period', '3600');
    webhook.child.kill('SIGTERM');
    await webhook.line('draining; a second signal exits immediately');
    webhook.child.kill('SIGTERM');
    expect(await webhook.exited).toEqual([1, null]);
    expect(webhook.lines.at(-1)).toMatchObject({ msg: 'exiting immediately', signal: 'SIGTERM' });
  });

  test('exits at the end of the grace period, even if the quiet period is not over', async () => {
    const webhook = await start('--quiet-period', '3600', '--grace-period', '1');
    webhook.child.kill('SIGTERM');
    expect(await webhook.exited).toEqual([0, null]);
  });

  test('exits with 1 if it cannot start', async () => {
    const { port } = (await start()).url;
    const args = [
      'serve',
      '--listen',
      `127.0.0.1:${port}`,
      '--metrics-listen',
      '127.0.0.1:0',
      '--certificates',
      temporaryDirectory(),
    ];
    await expect(promisify(execFile)(...program(args))).rejects.toMatchObject({
      code: 1,
      stderr: `error: Cannot listen on 127.0.0.1:${port}: the port is in use; choose another with --listen <address:port>\n`,
    });
  });

  test('exits with 2 if there is no cluster for certificate mode self', async () => {
    const args = ['serve', '--certificate-mode', 'self', '--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0'];
    const env = { ...process.env, KUBECONFIG: join(temporaryDirectory(), 'none') };
    await expect(promisify(execFile)(...program(args), { env })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: No cluster found/),
    });
  });
});

test('calls itself `kubectl gateway-name` as a kubectl plugin', async () => {
  const plugin = join(temporaryDirectory(), 'kubectl-gateway_name');
  symlinkSync(MAIN, plugin);
  const { stdout } = await promisify(execFile)(...program(['audit', '--help'], plugin));
  expect(stdout).toMatch(/^Usage: kubectl gateway-name audit \[options\]\n/);
  await expect(promisify(execFile)(...program(['audits'], plugin))).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("\nSee 'kubectl gateway-name --help'.\n"),
  });
});

describe('gateway-name-webhook review as a process', () => {
  test('reads files, writes to stdout, and returns an exit code', async () => {
    const { stdout } = await promisify(execFile)(...program(['review', recordedPath('envoy-service.json')]));
    expect(stdout).toMatch(/^KIND .*\nService +envoy-gateway-system\/envoy-shop-eg-84fd7606 +added-standard /);
    const checked = promisify(execFile)(...program(['review', '--check', recordedPath('envoy-service.json')]));
    await expect(checked).rejects.toMatchObject({ code: 1, stderr: '' });
    await expect(promisify(execFile)(...program(['reviews']))).rejects.toMatchObject({ code: 2 });
  });

  test.for([
    { due: 1, first: '', says: '' },
    {
      due: 2,
      first: 'a: b\n',
      says: 'error: stdin: document 1, line 1: expected a Kubernetes object with apiVersion and kind\n',
    },
  ])('stops when its reader closes the pipe, and exits with $due', async ({ due, first, says }) => {
    const child = spawn(...program(['review', '-o', 'yaml']), { stdio: 'pipe' });
    const manifest = '---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n';
    child.stdin.on('error', () => {});
    const stderr = text(child.stderr);
    child.stdin.write(first);
    const writing = setInterval(() => child.stdin.write(manifest.repeat(1000)), 5);
    onTestFinished(() => clearInterval(writing));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await once(child, 'exit')).toEqual([due, null]);
    expect(await stderr).toBe(says);
  });

  test('prints one line if the disk is full, and exits with 1', async () => {
    const full = openSync('/dev/full', 'w');
    onTestFinished(() => closeSync(full));
    const args = ['review', recordedPath('envoy-service.json')];
    const child = spawn(...program(args), { stdio: ['ignore', full, 'pipe'] });
    const exited = once(child, 'exit');
    expect(await text(child.stdio[2] as Readable)).toBe(
      'error: cannot write the output: ENOSPC: no space left on device, write\n',
    );
    expect(await exited).toEqual([1, null]);
  });

  test('reads 10,000 documents in bounded memory', async () => {
    const used = async (documents: number) => {
      const env = { ...process.env, NODE_OPTIONS: `--expose-gc --import=${MEMORY_REPORT}` };
      const child = spawn(...program(['review', '-o', 'json']), { env, stdio: 'pipe' });
      const document = `---\n# ${'x'.repeat(4_000)}\napiVersion: v1\nkind: Service\nmetadata: {name: a, labels: {gateway.envoyproxy.io/owning-gateway-name: eg}}\n`;
      const ended = Promise.all([text(child.stdout), text(child.stderr)]);
      for (let written = 0; written < documents; written += 100) {
        if (!child.stdin.write(document.repeat(100))) await once(child.stdin, 'drain');
      }
      child.stdin.end();
      const [stdout, stderr] = await ended;
      expect(stdout.match(/"added-standard"/g)).toHaveLength(documents);
      return Number(stderr);
    };
    const [few, many] = [await used(1_000), await used(10_000)];
    // 40 MB of documents: keeping them, or the results, would take at least as much.
    expect(many - few).toBeLessThan(8);
  });
});

describe('gateway-name-webhook backfill as a process', () => {
  /** Starts it with ten objects, each of which takes `writeMs` to write. Resolves during the first write. */
  async function startBackfill(writeMs: number) {
    const objects = Array.from({ length: 10 }, (_, index) => newObject('Pod', `pod-${index}`, ofEnvoyGateway('eg')));
    const store = new MemoryObjectStore(...objects);
    const begun = Promise.withResolvers<void>();
    store.before = async ({ name }) => {
      if (name !== 'addLabel') return;
      begun.resolve();
      await delay(writeMs, undefined, { ref: false });
    };
    await startStoreApi(store);
    const args = ['backfill', '-A', '--reverse', 'both', '-o', 'name', '--concurrency', '1'];
    const child = spawn(...program(args), { stdio: 'pipe' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    await Promise.race([begun.promise, ended]);
    return { store, child, ended };
  }

  test.for(['SIGINT', 'SIGTERM'] as const)('finishes the write in flight on %s, and exits with 1', async (signal) => {
    const { store, child, ended } = await startBackfill(300);
    child.kill(signal);
    const [stdout, stderr, exit] = await ended;
    expect([stderr, exit]).toEqual([
      expect.stringMatching(/^writing to \S+ \(context first\)\ninterrupted: run the same command again to resume\n$/),
      [1, null],
    ]);
    expect(store.writes.length).toBeGreaterThan(0);
    expect(store.writes.length).toBeLessThan(10);
    expect(stdout).toBe(store.writes.map((_, index) => `pod/pod-${index}\n`).join(''));
  });

  test('ends immediately on a second signal', async () => {
    const { child, ended, store } = await startBackfill(60_000);
    const again = setInterval(() => child.kill('SIGINT'), 100);
    onTestFinished(() => clearInterval(again));
    expect(await ended).toEqual(['', expect.stringMatching(/^writing to .*\n$/), [null, 'SIGINT']]);
    expect(store.writes).toEqual([]);
  });
});

/** Prints, on exit, the megabytes in use after a garbage collection. */
const MEMORY_REPORT = `data:text/javascript,${encodeURIComponent(
  'process.on("exit", () => { globalThis.gc(); process.stderr.write(String(process.memoryUsage().heapUsed / 1e6)); });',
)}`;
