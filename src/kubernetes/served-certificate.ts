import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { PortForward } from '@kubernetes/client-node';
import { calledBy } from '../installation/called-name.ts';
import type { Connection } from './api-caller.ts';
import { ConnectionConfig } from './connection-config.ts';
import type { Endpoint } from './endpoints.ts';

/** Through the API server and a kubelet, a handshake takes some tens of milliseconds. */
const TIMEOUT_MS = 10_000;

/** What a TLS client is to believe. */
export interface Trust {
  /** PEM: the only authorities. */
  readonly ca: string;
  /** The name, or address, by which the API server calls. */
  readonly name: string;
}

/** A certificate, and why a TLS client does not accept it; undefined where it does. */
export interface JudgedCertificate {
  readonly certificate: X509Certificate;
  readonly problem: string | undefined;
}

/**
 * The certificate that a Pod serves now, whoever issued it. The connection goes through the API server, as
 * `kubectl port-forward` does: an operator's machine reaches no Pod. Rejects when the Pod cannot be reached or talks no TLS.
 */
export async function servedCertificate(connection: Connection, endpoint: Endpoint): Promise<X509Certificate> {
  return dialled(connection, endpoint, {}, (socket) => certificateOf(socket));
}

/** The same, as a TLS client sees it that trusts what the API server trusts. */
export async function judgedCertificate(
  connection: Connection,
  endpoint: Endpoint,
  { ca, name }: Trust,
): Promise<JudgedCertificate> {
  return dialled(connection, endpoint, { ca, ...calledBy(name) }, (socket) => {
    // Typed as an error, it is a text: a code of OpenSSL or Node.js; null where nothing is wrong.
    const problem = socket.authorizationError as unknown as string | null;
    return { certificate: certificateOf(socket), problem: problem ?? undefined };
  });
}

function certificateOf(socket: TLSSocket): X509Certificate {
  // No cipher that is offered does without one.
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
  // Not refused here: what is asked for is what is served, good or bad.
  const socket = connect({ ...options, socket: stream, rejectUnauthorized: false });
  errors.once('data', (text) => socket.destroy(new Error(String(text))));
  // Its end is an error, too: both streams are cut off. What matters is heard below.
  socket.on('error', () => {});
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return read(socket);
  } catch (error) {
    throw new Error(`Cannot read the certificate of Pod ${namespace}/${pod}: ${(error as Error).message}`);
  } finally {
    socket.destroy();
    // A function only for one that is to connect again by itself.
    (webSocket as Exclude<typeof webSocket, () => unknown>).close();
  }
}
