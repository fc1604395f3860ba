import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { PortForward } from '@kubernetes/client-node';
import { calledBy } from '../installation/called-name.ts';
import type { Connection } from './api-caller.ts';
import { ConnectionConfig } from './connection-config.ts';
import type { Endpoint } from './endpoints.ts';

/** Through the API server and a kubelet, a handshake takes tens of milliseconds. */
const TIMEOUT_MS = 10_000;

/** What a TLS client trusts. */
export interface Trust {
  /** PEM: the only authorities. */
  readonly ca: string;
  /** The name or address that the API server calls. */
  readonly name: string;
}

/** A certificate, and why a TLS client rejects it; undefined if it does not. */
export interface JudgedCertificate {
  readonly certificate: X509Certificate;
  readonly problem: string | undefined;
}

/**
 * The certificate that a Pod serves now, from any issuer. The connection goes through the API server, as with
 * `kubectl port-forward`: users' machines do not reach Pods. Rejects if the Pod cannot be reached or does not speak TLS.
 */
export async function servedCertificate(connection: Connection, endpoint: Endpoint): Promise<X509Certificate> {
  return dialled(connection, endpoint, {}, (socket) => certificateOf(socket));
}

/** The same, verified as the API server does. */
export async function judgedCertificate(
  connection: Connection,
  endpoint: Endpoint,
  { ca, name }: Trust,
): Promise<JudgedCertificate> {
  return dialled(connection, endpoint, { ca, ...calledBy(name) }, (socket) => {
    // Typed as an error, but it is a string, a code of OpenSSL or Node.js; null if nothing is wrong.
    const problem = socket.authorizationError as unknown as string | null;
    return { certificate: certificateOf(socket), problem: problem ?? undefined };
  });
}

function certificateOf(socket: TLSSocket): X509Certificate {
  // All offered ciphers need a certificate.
  return socket.getPeerX509Certificate() as X509Certificate;
}

async function dialled<T>(
  connection: Connection,
  { namespace, pod, port }: Endpoint,
  options: ConnectionOptions,
  read: (socket: TLSSocket) => T,
): Promise<T> {
  const [toPod, fromPod, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const forward = new PortForward(new ConnectionConfig(connection));
  const webSocket = await forward.portForward(namespace, pod, [port], fromPod, errors, toPod).catch((error: Error) => {
    throw new Error(`Cannot reach Pod ${namespace}/${pod} through the API server: ${error.message}`);
  });
  const stream = Duplex.from({ readable: fromPod, writable: toPod });
  // Do not reject the certificate: this asks for what is served, good or bad.
  const socket = connect({ ...options, socket: stream, rejectUnauthorized: false });
  errors.once('data', (text) => socket.destroy(new Error(String(text))));
  // Closing also emits an error, because both streams are cut off. Relevant errors are handled below.
  socket.on('error', () => {});
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return read(socket);
  } catch (error) {
    throw new Error(`Cannot read the certificate of Pod ${namespace}/${pod}: ${(error as Error).message}`);
  } finally {
    socket.destroy();
    // It is only a function for WebSockets that reconnect.
    (webSocket as Exclude<typeof webSocket, () => unknown>).close();
  }
}
