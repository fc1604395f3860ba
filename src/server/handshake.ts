import { isIP } from 'node:net';
import { checkServerIdentity, connect } from 'node:tls';

export interface HandshakeOptions {
  /** IP addresses of one server: the first that can be connected to counts. */
  readonly hosts: readonly string[];
  readonly port: number;
  /** The name or address that the API server calls. */
  readonly name: string;
  /** PEM: the only authorities to trust, as the API server trusts only its caBundle. */
  readonly ca: string;
  readonly timeoutMs?: number;
}

/** A local handshake takes milliseconds; a server that is too busy for that is not ready. */
const TIMEOUT_MS = 5_000;

/**
 * Says why a TLS client that trusts exactly `ca` does not accept the certificate served at an address; undefined when it does.
 */
export async function handshakeProblem({ hosts, ...options }: HandshakeOptions): Promise<string | undefined> {
  let error: NodeJS.ErrnoException | undefined;
  for (const host of hosts) {
    error = await handshakeError(host, options);
    if (error?.syscall !== 'connect') break;
  }
  return error?.message;
}

function handshakeError(
  host: string,
  { port, name, ca, timeoutMs = TIMEOUT_MS }: Omit<HandshakeOptions, 'hosts'>,
): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      ca,
      // Server Name Indication is for names only (RFC 6066, section 3).
      ...(isIP(name) === 0 && { servername: name }),
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
      timeout: timeoutMs,
    });
    // Ended, not destroyed: a reset would count as a rejected request.
    socket.once('secureConnect', () => socket.end(() => resolve(undefined)));
    socket.once('timeout', () => socket.destroy(new Error('no answer to a TLS handshake')));
    socket.once('error', resolve);
  });
}
