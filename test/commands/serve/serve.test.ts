import { once } from 'node:events';
import { copyFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readDirectory, writeDirectory } from '../../../src/certificates/directory.ts';
import { run } from '../../../src/commands/program.ts';
import { ApiClient } from '../../../src/kubernetes/api-client.ts';
import { localCertificates } from '../../support/certificates.ts';
import { testContext } from '../../support/context.ts';
import { environment } from '../../support/environment.ts';
import { foreignCertificate } from '../../support/openssl.ts';
import { recorded } from '../../support/reviews.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { startTrustApi } from '../../support/trust-api.ts';

const ADDRESSES = ['--listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0'];

/** Runs `serve` in this process until it has started, and returns its log lines. It is closed at the end of the test. */
async function serve(args: readonly string[], options: { isTTY?: boolean } = {}) {
  const { running, ...serving } = begin(args, options);
  const exitCode = await running;
  await turn(); // Log lines are written with the next turn of the event loop.
  return { exitCode, ...serving };
}

/** Starts `serve` without waiting for it. */
function begin(args: readonly string[], { isTTY = false } = {}) {
  const directory = temporaryDirectory();
  const { context, written, shutdown } = testContext({ isTTY });
  onTestFinished(() => shutdown()?.close({ err: new Error('the test is over') }));
  const running = run(['serve', ...ADDRESSES, '--certificates', directory, '--quiet-period', '0', ...args], context);
  const lines = (): Record<string, string>[] =>
    written.stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  const line = (msg: string) => lines().find((candidate) => candidate['msg'] === msg);
  return { running, directory, written, lines, line, shutdown };
}

function post(url: string, ca: string | undefined, body: unknown, client: object = {}): Promise<string> {
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
      ...client,
    })
      .on('response', (response) => resolve(text(response)))
      .on('error', reject)
      .end(JSON.stringify(body));
  });
}

describe('serve', () => {
  test('prints its address, serves a certificate of its CA there, and closes on shutdown', async () => {
    const { exitCode, directory, line, shutdown } = await serve(['--grace-period', '7']);
    expect(exitCode).toBe(0);
    const { url = '', metrics = '', ca, curl } = line('listening') ?? {};
    expect(line('ready')).toBeDefined();
    expect(url).toMatch(/^https:\/\/localhost:\d+\/mutate$/);
    expect(ca).toBe(join(directory, 'ca.crt'));
    expect(curl).toBe(
      `curl --cacert ${ca} -H 'Content-Type: application/json' -d @test/fixtures/reviews/envoy-serviceaccount.json ${url}`,
    );
    const stored = await readDirectory(directory);
    const review = recorded('envoy-serviceaccount.json');
    expect(JSON.parse(await post(url, stored['ca.crt'], review))).toMatchObject({
      response: { uid: review.request.uid, patchType: 'JSONPatch' },
    });
    expect(await (await fetch(new URL('/readyz', metrics))).text()).toBe('ok\n');
    const body = await (await fetch(metrics)).text();
    expect(body).toMatch(/certificate_not_after_timestamp_seconds\{certificate="serving"\} \d{10}\n/);

    expect(shutdown()?.delayMs).toBe(7_000);
    await shutdown()?.close({ signal: 'SIGTERM' });
    expect(line('draining; a second signal exits immediately')).toMatchObject({ level: 'info', signal: 'SIGTERM' });
    expect(line('closed')).toBeDefined();
    await expect(fetch(metrics)).rejects.toThrow();
  });

  test('prints the same on a terminal in a readable format, with a curl command to try', async () => {
    const { written } = await serve([], { isTTY: true });
    expect(written.stdout).toMatch(
      /\n {2}Admission reviews {2}https:\/\/localhost:\d+\/mutate\n {2}CA {17}\S+ca\.crt\n {2}Metrics, health {4}http:\/\/127\.0\.0\.1:\d+\/metrics\n\n {2}Try it in another terminal:\n\n {2}curl --cacert \S+ -H 'Content-Type: application\/json' -d @\S+ https:\S+\n/,
    );
    await vi.waitFor(() => expect(written.stdout).toContain('ready'));
    expect(written.stdout).not.toContain('"msg"');
  });

  test.for([
    { NO_COLOR: '', isColored: true },
    { NO_COLOR: '1', isColored: false },
  ])('uses colors on a terminal: $isColored, with NO_COLOR "$NO_COLOR"', async ({ NO_COLOR, isColored }) => {
    environment({ NO_COLOR });
    const { written } = await serve([], { isTTY: true });
    await vi.waitFor(() => expect(written.stdout).toContain('ready'));
    expect(written.stdout.includes('\u001b[')).toBe(isColored);
  });

  test('prefers the log flags to the defaults for a terminal', async () => {
    expect((await serve(['--log-format', 'json'], { isTTY: true })).line('ready')).toMatchObject({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect((await serve(['--log-level', 'silent'])).lines()).toEqual([]);
    expect((await serve(['--log-format', 'pretty'])).written.stdout).toMatch(/INFO.*: ready\n/);
  });

  test('prints no curl command if the example file does not exist', async () => {
    const before = process.cwd();
    process.chdir(temporaryDirectory());
    onTestFinished(() => process.chdir(before));
    expect((await serve([])).line('listening')).not.toHaveProperty('curl');
    expect((await serve(['--log-format', 'pretty'])).written.stdout).not.toContain('curl');
  });

  test('listens on IPv6 and prints the address in brackets', async () => {
    const { line } = await serve(['--listen', '[::1]:0', '--metrics-listen', '[::]:0', '--names', '::1']);
    expect(line('listening')).toMatchObject({
      url: expect.stringMatching(/^https:\/\/\[::1\]:\d+\/mutate$/),
      metrics: expect.stringMatching(/^http:\/\/\[::\]:/),
    });
    expect(line('ready')).toBeDefined();
  });

  test('is not ready if clients would reject its certificate, and logs it', async () => {
    const directory = temporaryDirectory();
    const { serving } = await localCertificates();
    await writeDirectory(directory, { 'tls.crt': serving.cert, 'tls.key': serving.key });
    const { line } = await serve(['--certificates', directory]);
    const reason = 'a test handshake failed: there is no ca.crt to verify the serving certificate with';
    expect(line('not ready')).toMatchObject({ level: 'warn', reason });
    const readyz = new URL('/readyz', line('listening')?.['metrics']);
    expect((await fetch(readyz)).status).toBe(503);

    const { ca } = await localCertificates();
    await writeDirectory(directory, { 'ca.crt': ca.cert });
    expect(await (await fetch(readyz)).text()).toMatch('not ready');
  });

  test('loads replaced certificates while it runs, and counts those it refuses', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { directory, line } = await serve([]);
    const { url = '', metrics = '' } = line('listening') ?? {};
    const first = await readDirectory(directory);
    const { ca, serving } = await localCertificates();
    writeFileSync(join(directory, 'tls.key'), serving.key);
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(line('refused certificates, keeping the ones in use')).toBeDefined());
    expect(await (await fetch(metrics)).text()).toContain('\ngateway_name_webhook_certificates_refused_total 1\n');
    await post(url, first['ca.crt'], recorded('plain-pod.json'));

    await writeDirectory(directory, { 'ca.crt': ca.cert, 'tls.crt': serving.cert });
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(line('replaced the serving certificate')).toBeDefined());
    expect(await post(url, ca.cert, recorded('plain-pod.json'))).toContain('no-gateway');
    await expect(post(url, first['ca.crt'], {})).rejects.toThrow(/certificate/);
  });

  test('accepts only clients of the given CA, and of the one that replaces it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const clientCA = join(temporaryDirectory(), 'ca.crt');
    const [ca, other] = [foreignCertificate(), foreignCertificate({ commonName: 'Other' })];
    const client = foreignCertificate({ commonName: 'kube-apiserver', isCA: false, issuer: other });
    writeFileSync(clientCA, ca.cert);
    const { directory, line } = await serve(['--client-ca', clientCA]);
    expect(line('ready')).toBeDefined();
    const { url = '' } = line('listening') ?? {};
    const trusted = (await readDirectory(directory))['ca.crt'];
    const ask = () => post(url, trusted, recorded('plain-pod.json'), client);
    expect(await ask()).toContain('a client certificate is required, and this one is not accepted');

    writeFileSync(clientCA, other.cert);
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(line('replaced the client CA')).toBeDefined());
    expect(await ask()).toContain('no-gateway');

    // A new serving certificate does not change the accepted clients.
    const next = await localCertificates();
    await writeDirectory(directory, {
      'ca.crt': next.ca.cert,
      'tls.crt': next.serving.cert,
      'tls.key': next.serving.key,
    });
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(line('replaced the serving certificate')).toBeDefined());
    expect(await post(url, next.ca.cert, recorded('plain-pod.json'), client)).toContain('no-gateway');
    expect(await post(url, next.ca.cert, recorded('plain-pod.json'))).toContain('a client certificate is required');
  });

  test('exits with 1 if the client CA is invalid', async () => {
    const { exitCode, written } = await serve(['--client-ca', 'package.json']);
    expect([exitCode, written.stderr]).toEqual([
      1,
      'error: Cannot use the client CA in package.json: it contains something other than PEM certificates\n',
    ]);
  });

  test('exits with 1 if a port is in use, and leaves nothing open', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = `127.0.0.1:${(taken.address() as { port: number }).port}`;
    const { exitCode, written, shutdown } = await serve(['--metrics-listen', address]);
    expect([exitCode, shutdown(), vi.getTimerCount()]).toEqual([1, undefined, 0]);
    expect(written.stderr).toBe(
      `error: Cannot listen on ${address}: the port is in use; choose another with --metrics-listen <address:port>\n`,
    );
  });

  test('exits with 1 if there is no certificate to serve', async () => {
    const directory = temporaryDirectory();
    copyFileSync('package.json', join(directory, 'tls.crt'));
    const { exitCode, written } = await serve(['--certificates', directory]);
    expect(exitCode).toBe(1);
    expect(written.stderr).toMatch(/^error: Cannot serve with the certificates in .*: tls\.key is missing; put /);
  });

  test('closes immediately after an error, and logs it', async () => {
    const { line, shutdown } = await serve(['--quiet-period', '3600']);
    await shutdown()?.close({ err: new Error('a bug') });
    expect(line('closing after an error')).toMatchObject({ level: 'fatal', err: { message: 'a bug' } });
    expect(line('closed')).toBeDefined();
  });

  test('logs a message if it is stopped without a drain', async () => {
    const { line, shutdown } = await serve([]);
    shutdown()?.onSecondSignal('SIGINT');
    shutdown()?.onTimeout();
    expect(line('exiting immediately')).toMatchObject({ level: 'warn', signal: 'SIGINT' });
    expect(line('exiting: the grace period is over')).toMatchObject({ level: 'error' });
  });
});

const SELF = ['--certificate-mode', 'self', '--ca-secret', 'a-namespace/a-secret', '--webhook-configuration', 'a-name'];

/** Starts an API server, and `serve` in certificate mode `self`. */
async function beginSelf(options: Parameters<typeof startTrustApi>[0] = {}, args: readonly string[] = []) {
  const api = await startTrustApi(options);
  return { api, ...begin([...SELF, ...args]) };
}

describe('serve in certificate mode self', () => {
  test('registers its own CA, and serves with it', async () => {
    const { api, running, directory, line } = await beginSelf();
    expect(await running).toBe(0);
    await turn();
    const [caBundle = '', other] = api.bundles();
    expect(other).toBe(caBundle);
    const paths = new Set(api.requests.map(({ path }) => path));
    expect([...paths].sort()).toEqual([
      '/api/v1/namespaces/a-namespace/secrets/a-secret',
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/a-name',
    ]);
    expect(line('ready')).toBeDefined();
    const { url = '', metrics = '', ...listening } = line('listening') ?? {};
    expect(listening).not.toHaveProperty('ca');
    expect(listening).not.toHaveProperty('curl');
    expect(await readDirectory(directory)).toEqual({});
    const review = recorded('envoy-serviceaccount.json');
    expect(JSON.parse(await post(url, caBundle, review))).toMatchObject({ response: { uid: review.request.uid } });

    const body = await (await fetch(metrics)).text();
    const samples = body
      .split('\n')
      .filter((sample) => /^gateway_name_webhook_(ca|clock|ready|api|certificate)/.test(sample));
    expect(samples).toEqual([
      expect.stringMatching(/certificate_not_after_timestamp_seconds\{certificate="serving"\} \d{10}$/),
      expect.stringMatching(/certificate_not_after_timestamp_seconds\{certificate="ca"\} \d{10}$/),
      'gateway_name_webhook_certificates_refused_total 0',
      'gateway_name_webhook_ca_bundle_writes_total 1',
      'gateway_name_webhook_api_server_errors_total 0',
      'gateway_name_webhook_ready 1',
      'gateway_name_webhook_clock_ahead_seconds 0',
      'gateway_name_webhook_ca_bundle_in_sync 1',
    ]);
  });

  test('checks the CAs every ten seconds until shutdown, but not while it drains', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { api, running, shutdown } = await beginSelf();
    await running;
    const started = api.requests.length;
    vi.advanceTimersByTime(10_000);
    await vi.waitFor(() => expect(api.requests.length).toBe(started + 2));
    await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));

    const closed = shutdown()?.close({ signal: 'SIGTERM' });
    const asked = api.requests.length;
    vi.advanceTimersByTime(60_000);
    await closed;
    // After three requests and answers, earlier requests have arrived.
    const client = new ApiClient({}, process.env);
    for (const path of ['/1', '/2', '/3']) await client.get({ path });
    expect(api.requests.slice(asked).map(({ path }) => path)).toEqual(['/1', '/2', '/3']);
  });

  test('is alive, not ready, and accepts no reviews before the API server has answered', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { api, running, line } = await beginSelf({ before: () => promise });
    await vi.waitFor(() => expect(api.requests.length).toBeGreaterThan(0));
    const { metrics = '' } = line('starting') ?? {};
    const ask = async (path: string) => {
      const response = await fetch(new URL(path, metrics));
      return [response.status, await response.text()];
    };
    expect(await ask('/readyz')).toEqual([503, 'not ready: the API server has not been contacted yet\n']);
    expect(await ask('/healthz')).toEqual([200, 'ok\n']);
    expect((await ask('/metrics'))[1]).toContain('\ngateway_name_webhook_ready 0\n');
    expect(line('listening')).toBeUndefined();

    resolve();
    expect(await running).toBe(0);
    const { url = '' } = line('listening') ?? {};
    const review = recorded('envoy-serviceaccount.json');
    expect(JSON.parse(await post(url, String(api.bundles()[0]), review))).toHaveProperty('response');
    expect(await ask('/readyz')).toEqual([200, 'ok\n']);
    expect((await ask('/metrics'))[1]).toContain('\ngateway_name_webhook_ready 1\n');
  });

  test('starts without an API server, is not ready, and counts the failure', async () => {
    const { stop } = await startTrustApi();
    await stop();
    const { line } = await serve(SELF);
    expect(line('not ready')).toMatchObject({ level: 'warn', reason: expect.stringContaining('the API server') });
    expect(line('listening')).toBeUndefined();
    const { metrics = '' } = line('starting') ?? {};
    expect(await (await fetch(metrics)).text()).toContain('\ngateway_name_webhook_api_server_errors_total 1\n');
  });

  test('listens as soon as the API server is available', async () => {
    let isAway = true;
    const { running, line } = await beginSelf({
      refuse: () => (isAway ? [503, { message: 'away' }] : undefined),
    });
    expect(await running).toBe(0);
    expect(line('listening')).toBeUndefined();
    isAway = false;
    await vi.waitFor(() => expect(line('listening')).toBeDefined(), 5_000);
  });

  test('exits with 1 if the port for reviews is in use, and leaves nothing open', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const address = `127.0.0.1:${(taken.address() as { port: number }).port}`;
    const { running, written, line } = await beginSelf({}, ['--listen', address]);
    expect(await running).toBe(1);
    expect(written.stderr).toMatch(`error: Cannot listen on ${address}: the port is in use`);
    const { metrics = '' } = line('starting') ?? {};
    await expect(fetch(metrics)).rejects.toThrow('fetch failed');
  });

  test("counts refusals of the Secret's content", async () => {
    const { running, line } = await beginSelf({ secret: 'garbage' });
    await running;
    await turn();
    expect(line('refused part of the Secret')).toMatchObject({ reason: 'cas.json is not a JSON list' });
    const { metrics = '' } = line('listening') ?? {};
    expect(await (await fetch(metrics)).text()).toContain('\ngateway_name_webhook_certificates_refused_total 1\n');
  });

  test('listens on every address if only a port is given, and prints where', async () => {
    const addresses = ['--listen', ':0', '--metrics-listen', ':0', '--log-format', 'pretty'];
    const { running, written } = await beginSelf({}, addresses);
    await running;
    await vi.waitFor(() => expect(written.stdout).toMatch(/: ready\n/));
    const [, metrics = ''] = /Metrics, health {4}(http:\/\/localhost:\d+\/metrics)\n/.exec(written.stdout) ?? [];
    expect(written.stdout).toContain('\n  CA                 stored in the cluster\n');
    expect(written.stdout).not.toContain('curl');
    for (const host of ['127.0.0.1', '[::1]']) {
      expect(await (await fetch(new URL('/readyz', metrics.replace('localhost', host)))).text()).toBe('ok\n');
    }
  });

  test('exits with 2 if it finds no cluster, and leaves nothing open', async () => {
    const file = join(temporaryDirectory(), 'none');
    environment({ KUBECONFIG: file });
    const { exitCode, written, line } = await serve(SELF);
    expect(exitCode).toBe(2);
    expect(written.stderr).toMatch(/^error: No cluster found: none of the files in KUBECONFIG exist/);
    expect(written.stderr).toContain(file);
    const { metrics = 'it did not start' } = line('starting') ?? {};
    await expect(fetch(metrics)).rejects.toThrow('fetch failed');
  });
});
