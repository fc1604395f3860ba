import { copyFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readFolder, writeFolder } from '../../src/certificates/folder.ts';
import { run } from '../../src/commands/program.ts';
import { localCertificates } from '../support/certificates.ts';
import { testContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { recorded } from '../support/reviews.ts';

const ADDRESSES = ['--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0'];

/** Runs `serve` in this process and returns its log lines; it is closed when the test is over. */
async function serve(args: readonly string[], { isTTY = false } = {}) {
  const folder = temporaryFolder();
  const { context, written, shutdown } = testContext({ isTTY });
  const exitCode = await run(
    ['serve', ...ADDRESSES, '--certificates', folder, '--quiet-period', '0', ...args],
    context,
  );
  await turn(); // Log lines are written with the next turn of the event loop.
  onTestFinished(() => shutdown()?.close({ err: new Error('the test is over') }));
  const lines = (): Record<string, string>[] =>
    written.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const line = (msg: string) => lines().find((candidate) => candidate['msg'] === msg);
  return { exitCode, folder, written, lines, line, shutdown };
}

function post(url: string, ca: string | undefined, body: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port, pathname } = new URL(url);
    const headers = { 'content-type': 'application/json' };
    request({
      host: '127.0.0.1',
      port,
      path: pathname,
      method: 'POST',
      headers,
      ca,
      servername: 'localhost',
      agent: false,
    })
      .on('response', (response) => resolve(text(response)))
      .on('error', reject)
      .end(JSON.stringify(body));
  });
}

describe('serve', () => {
  test('says where it listens, answers there with a certificate of its CA, and closes when told', async () => {
    const { exitCode, folder, line, shutdown } = await serve(['--grace-period', '7']);
    expect(exitCode).toBe(0);
    const { url = '', metrics = '', ca, curl } = line('listening') ?? {};
    expect(line('ready')).toBeDefined();
    expect(url).toMatch(/^https:\/\/localhost:\d+\/mutate$/);
    expect(ca).toBe(join(folder, 'ca.crt'));
    expect(curl).toBe(
      `curl --cacert ${ca} -H 'Content-Type: application/json' -d @test/fixtures/reviews/envoy-serviceaccount.json ${url}`,
    );
    const stored = await readFolder(folder);
    const review = recorded('envoy-serviceaccount.json');
    expect(JSON.parse(await post(url, stored['ca.crt'], review))).toMatchObject({
      response: { uid: review.request.uid, patchType: 'JSONPatch' },
    });
    expect(await (await fetch(new URL('/readyz', metrics))).text()).toBe('ok\n');
    const body = await (await fetch(metrics)).text();
    expect(body).toMatch(/certificate_not_after_timestamp_seconds\{certificate="serving"\} \d{10}\n/);

    expect(shutdown()?.delayMs).toBe(7_000);
    await shutdown()?.close({ signal: 'SIGTERM' });
    expect(line('draining; a second signal exits at once')).toMatchObject({ level: 'info', signal: 'SIGTERM' });
    expect(line('closed')).toBeDefined();
    await expect(fetch(metrics)).rejects.toThrow();
  });

  test('shows people on a terminal the same, with a curl to try', async () => {
    const { written } = await serve([], { isTTY: true });
    expect(written.stdout).toMatch(
      /\n {2}Admission reviews {2}https:\/\/localhost:\d+\/mutate\n {2}Its CA {13}\S+ca\.crt\n {2}Metrics, health {4}http:\/\/127\.0\.0\.1:\d+\/metrics\n\n {2}Try it, in another terminal:\n\n {2}curl --cacert \S+ -H 'Content-Type: application\/json' -d @\S+ https:\S+\n/,
    );
    await vi.waitFor(() => expect(written.stdout).toContain('ready'));
    expect(written.stdout).not.toContain('"msg"');
  });

  test('logs as told, whatever the terminal', async () => {
    expect((await serve(['--log-format', 'json'], { isTTY: true })).line('ready')).toMatchObject({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect((await serve(['--log-level', 'silent'])).lines()).toEqual([]);
    expect((await serve(['--log-format', 'pretty'])).written.stdout).toMatch(/INFO.*: ready\n/);
  });

  test('prints no curl where the example is not', async () => {
    const before = process.cwd();
    process.chdir(temporaryFolder());
    onTestFinished(() => process.chdir(before));
    expect((await serve([])).line('listening')).not.toHaveProperty('curl');
    expect((await serve(['--log-format', 'pretty'])).written.stdout).not.toContain('curl');
  });

  test('listens on IPv6 and names it in brackets', async () => {
    const { line } = await serve(['--listen', '[::1]:0', '--metrics-listen', '[::]:0', '--names', '::1']);
    expect(line('listening')).toMatchObject({
      url: expect.stringMatching(/^https:\/\/\[::1\]:\d+\/mutate$/),
      metrics: expect.stringMatching(/^http:\/\/\[::\]:/),
    });
    expect(line('ready')).toBeDefined();
  });

  test('is not ready with a certificate that a client would not accept, and says so', async () => {
    const folder = temporaryFolder();
    const { serving } = await localCertificates();
    await writeFolder(folder, { 'tls.crt': serving.cert, 'tls.key': serving.key });
    const { line } = await serve(['--certificates', folder]);
    const reason = 'a client of this server fails: there is no ca.crt beside the serving certificate to check it with';
    expect(line('not ready')).toMatchObject({ level: 'warn', reason });
    const readyz = new URL('/readyz', line('listening')?.['metrics']);
    expect((await fetch(readyz)).status).toBe(503);

    const { ca } = await localCertificates();
    await writeFolder(folder, { 'ca.crt': ca.cert });
    expect(await (await fetch(readyz)).text()).toMatch('not ready');
  });

  test('takes up certificates that are replaced while it runs, and counts those it refuses', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { folder, line } = await serve([]);
    const { url = '', metrics = '' } = line('listening') ?? {};
    const first = await readFolder(folder);
    const { ca, serving } = await localCertificates();
    writeFileSync(join(folder, 'tls.key'), serving.key);
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(line('refused certificates, the ones in use stay')).toBeDefined());
    expect(await (await fetch(metrics)).text()).toContain('\ngateway_name_webhook_certificates_refused_total 1\n');
    await post(url, first['ca.crt'], recorded('plain-pod.json'));

    await writeFolder(folder, { 'ca.crt': ca.cert, 'tls.crt': serving.cert });
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(line('replaced the serving certificate')).toBeDefined());
    expect(await post(url, ca.cert, recorded('plain-pod.json'))).toContain('no-gateway');
    await expect(post(url, first['ca.crt'], {})).rejects.toThrow(/certificate/);
  });

  test('exits with 1 when a port is in use, and leaves nothing open', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = `127.0.0.1:${(taken.address() as { port: number }).port}`;
    const { exitCode, written, shutdown } = await serve(['--metrics-listen', address]);
    expect([exitCode, shutdown()]).toEqual([1, undefined]);
    expect(written.stderr).toBe(
      `error: Cannot listen on ${address}: the port is in use; choose another by --metrics-listen <address:port>\n`,
    );
  });

  test('exits with 1 when there is no certificate to serve', async () => {
    const folder = temporaryFolder();
    copyFileSync('package.json', join(folder, 'tls.crt'));
    const { exitCode, written } = await serve(['--certificates', folder]);
    expect(exitCode).toBe(1);
    expect(written.stderr).toMatch(/^error: Cannot serve with the certificates in .*: tls\.key is missing; put /);
  });

  test('closes at once after an error, and logs it', async () => {
    const { line, shutdown } = await serve(['--quiet-period', '3600']);
    await shutdown()?.close({ err: new Error('a bug') });
    expect(line('closing after an error')).toMatchObject({ level: 'fatal', err: { message: 'a bug' } });
    expect(line('closed')).toBeDefined();
  });

  test('has a word to say when it is hurried', async () => {
    const { line, shutdown } = await serve([]);
    shutdown()?.onSecondSignal('SIGINT');
    shutdown()?.onTimeout();
    expect(line('exiting at once')).toMatchObject({ level: 'warn', signal: 'SIGINT' });
    expect(line('exiting: the grace period is over')).toMatchObject({ level: 'error' });
  });
});
