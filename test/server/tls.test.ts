import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { setServingPair } from '../../src/server/admission-server.ts';
import { handshakeProblem } from '../../src/server/handshake.ts';
import { localCertificates } from '../support/certificates.ts';
import { foreignCertificate } from '../support/openssl.ts';
import { buildTestServer, head, startTestServer } from '../support/server.ts';

const BODY = '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}}';
const REQUEST = `${head('Content-Type: application/json', `Content-Length: ${BODY.length}`)}${BODY}`;

async function exchange(socket: Socket): Promise<string> {
  socket.write(REQUEST);
  return String((await once(socket, 'data'))[0]);
}

describe('the server', () => {
  test.for(['TLSv1.2', 'TLSv1.3'] as const)(
    'accepts %s, and HTTP/1.1 from clients that also offer HTTP/2',
    async (version) => {
      const { port, ca } = await startTestServer();
      const versions = { minVersion: version, maxVersion: version } as const;
      const socket = connect({
        host: '127.0.0.1',
        port,
        ca,
        servername: 'localhost',
        ALPNProtocols: ['h2', 'http/1.1'],
        ...versions,
      });
      onTestFinished(() => void socket.destroy());
      await once(socket, 'secureConnect');
      expect([socket.getProtocol(), socket.alpnProtocol]).toEqual([version, 'http/1.1']);
      expect(await exchange(socket)).toMatch(/^HTTP\/1\.1 200 OK/);
    },
  );

  test('rejects TLS 1.1 with its first certificate and with later ones, and counts the attempts', async () => {
    const { app, port, ca, samples, lines } = await startTestServer();
    const tryOld = async () => {
      const versions = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost', ...versions });
      const [error] = await once(socket, 'error');
      return error.code;
    };
    expect(await tryOld()).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    setServingPair(app, (await localCertificates()).serving);
    expect(await tryOld()).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual(['{cause="tls"} 2']);
    expect(lines).toMatchObject([{ level: 20, msg: 'TLS handshake failed' }, { level: 20 }]);
  });

  test('uses a new certificate from the next handshake, and keeps open connections', async () => {
    const { app, port, ca, open } = await startTestServer();
    const old = await open();
    expect(await exchange(old)).toMatch(/^HTTP\/1\.1 200 OK/);

    const next = await localCertificates();
    setServingPair(app, next.serving);
    expect(await exchange(old)).toMatch(/^HTTP\/1\.1 200 OK/);
    const target = { hosts: ['127.0.0.1'], port, name: 'localhost' };
    expect(await handshakeProblem({ ...target, ca: next.ca.cert })).toBeUndefined();
    expect(await handshakeProblem({ ...target, ca })).toMatch(/unable to|self-signed/);
    expect(await exchange(old)).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  test('keeps an idle connection for longer than the timeout of a request, and than the 90 s of the API server', async () => {
    const { app, open } = await startTestServer({ requestTimeoutMs: 150 });
    const socket = await open();
    expect(await exchange(socket)).toMatch(/\r\nKeep-Alive: timeout=120\r\n/);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await exchange(socket)).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(app.server.keepAliveTimeout).toBe(120_000);
  });

  test('allows 10 s for a request by default', () => {
    expect(buildTestServer().app.server.requestTimeout).toBe(10_000);
  });
});

describe('handshakeProblem()', () => {
  test.for([
    { name: 'localhost', problem: undefined },
    { name: '127.0.0.1', problem: undefined },
    { name: '::1', problem: undefined },
    { name: 'example.com', problem: "Hostname/IP does not match certificate's altnames" },
    { name: '10.0.0.1', problem: "Hostname/IP does not match certificate's altnames" },
  ])('returns for $name: $problem', async ({ name, problem }) => {
    const { port, ca, samples } = await startTestServer();
    const found = await handshakeProblem({ hosts: ['127.0.0.1'], port, name, ca });
    expect(found?.slice(0, problem?.length)).toBe(problem);
    if (problem === undefined) expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual([]);
  });

  test('trusts only the given CA', async () => {
    const { port } = await startTestServer();
    const { cert } = foreignCertificate();
    expect(await handshakeProblem({ hosts: ['127.0.0.1'], port, name: 'localhost', ca: cert })).toMatch(/unable to/);
  });

  test('tries the next address only if it cannot connect', async () => {
    const { port, ca } = await startTestServer();
    const { cert } = foreignCertificate();
    const options = { port, name: 'localhost', ca };
    // Nothing listens on 127.0.0.2.
    expect(await handshakeProblem({ ...options, hosts: ['127.0.0.2', '127.0.0.1'] })).toBeUndefined();
    expect(await handshakeProblem({ ...options, hosts: ['127.0.0.1', '127.0.0.2'] })).toBeUndefined();
    const refused = await handshakeProblem({ ...options, ca: cert, hosts: ['127.0.0.1', '127.0.0.2'] });
    expect(refused).toMatch(/unable to/);
  });

  test('returns why a handshake failed', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const target = { hosts: ['127.0.0.1'], port, name: 'localhost', ca: '' };
    expect(await handshakeProblem({ ...target, timeoutMs: 50 })).toBe('no answer to a TLS handshake');
    server.close();
    expect(await handshakeProblem(target)).toMatch('ECONNREFUSED');
  });
});
