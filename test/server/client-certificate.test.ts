import { once } from 'node:events';
import { connect, type SecureVersion, type TLSSocket } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { setServingPair } from '../../src/server/admission-server.ts';
import { handshakeProblem } from '../../src/server/handshake.ts';
import { localCertificates } from '../support/certificates.ts';
import { foreignCertificate } from '../support/openssl.ts';
import { head, startTestServer } from '../support/server.ts';

const BODY = '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}}';

const clientCA = foreignCertificate({ commonName: 'CA of clients' });
const client = foreignCertificate({ commonName: 'kube-apiserver', isCA: false, issuer: clientCA });
const otherCA = foreignCertificate({ commonName: 'CA of others' });
const stranger = foreignCertificate({ commonName: 'kube-apiserver', isCA: false, issuer: otherCA });

interface Visitor {
  readonly cert?: string;
  readonly key?: string;
  readonly session?: Buffer;
  readonly maxVersion?: SecureVersion;
}

/** A server with a client CA; `ask` posts a review with a client certificate, and returns the answer and the connection. */
async function startClosed() {
  const server = await startTestServer({ clientCA: clientCA.cert });
  const ask = async (visitor: Visitor = {}) => {
    const socket = connect({
      host: '127.0.0.1',
      port: server.port,
      ca: server.ca,
      servername: 'localhost',
      ...visitor,
    });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    const sessions: Buffer[] = [];
    socket.on('session', (session) => sessions.push(session));
    await once(socket, 'secureConnect');
    return { ...(await review(socket)), socket, session: () => sessions.at(-1) };
  };
  return { ...server, ask };
}

async function review(socket: TLSSocket) {
  socket.write(`${head('Content-Type: application/json', `Content-Length: ${BODY.length}`)}${BODY}`);
  const said = String((await once(socket, 'data'))[0]);
  const { message } = JSON.parse(said.slice(said.indexOf('{')));
  return { status: Number(said.split(' ')[1]), message };
}

describe('a server with a client CA', () => {
  test.for<SecureVersion>(['TLSv1.2', 'TLSv1.3'])('accepts its clients with %s', async (maxVersion) => {
    const { ask } = await startClosed();
    expect(await ask({ ...client, maxVersion })).toMatchObject({ status: 200 });
  });

  test.for<SecureVersion>(['TLSv1.2', 'TLSv1.3'])(
    'rejects other clients with %s, says what is missing, and counts the rejections',
    async (maxVersion) => {
      const { ask, samples, lines } = await startClosed();
      const required = 'a client certificate is required';
      expect(await ask({ maxVersion })).toMatchObject({ status: 403, message: required });
      expect(await ask({ ...stranger, maxVersion })).toMatchObject({
        status: 403,
        message: `${required}, and this one is not accepted: UNABLE_TO_VERIFY_LEAF_SIGNATURE`,
      });
      expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual(['{cause="client-certificate"} 2']);
      expect(await samples('gateway_name_webhook_decisions_total')).toEqual([]);
      expect(lines).toMatchObject([{ statusCode: 403, msg: 'refused a request' }, { statusCode: 403 }]);
    },
  );

  test.for<SecureVersion>(['TLSv1.2', 'TLSv1.3'])(
    'rejects other clients in a resumed session with %s',
    async (maxVersion) => {
      const { ask } = await startClosed();
      for (const visitor of [{}, stranger]) {
        const { session } = await ask({ ...visitor, maxVersion });
        await expect.poll(session).toBeDefined();
        const again = await ask({ ...visitor, maxVersion, session: session() as Buffer });
        expect([again.socket.isSessionReused(), again.status]).toEqual([true, 403]);
      }
    },
  );

  test.for([
    { method: 'GET', path: '/mutate' },
    { method: 'POST', path: '/elsewhere' },
  ])('rejects other clients: $method $path', async ({ method, path }) => {
    const { open } = await startClosed();
    const socket = await open();
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 403 /);
  });

  test('accepts a handshake without a certificate, which it neither counts nor logs', async () => {
    const { port, ca, lines, samples } = await startClosed();
    expect(await handshakeProblem({ hosts: ['127.0.0.1'], port, name: 'localhost', ca })).toBeUndefined();
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual([]);
    expect(lines).toEqual([]);
  });

  test('uses a new client CA from the next handshake, with the same serving certificate or a new one', async () => {
    const { app, ask, ca } = await startClosed();
    const before = await ask(client);
    await expect.poll(before.session).toBeDefined();
    const { ca: newCA, serving } = await localCertificates();
    setServingPair(app, serving, otherCA.cert);
    // Open connections stay.
    expect(await review(before.socket)).toMatchObject({ status: 200 });
    const by = (visitor: Visitor) => ask({ ...visitor, ca: ca + newCA.cert } as Visitor);
    expect(await by(stranger)).toMatchObject({ status: 200 });
    expect(await by(client)).toMatchObject({ status: 403 });
    expect(await by({ ...client, session: before.session() as Buffer })).toMatchObject({ status: 403 });
    setServingPair(app, serving, clientCA.cert);
    expect(await by(client)).toMatchObject({ status: 200 });
  });
});

describe('a server without a client CA', () => {
  test('requests no client certificate', async () => {
    const { open } = await startTestServer();
    expect(await review(await open())).toMatchObject({ status: 200 });
  });
});
