import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/** Connecting takes milliseconds, even to a loaded API server. If packets are dropped, users wait this long. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** Aborts a request that is not connected in time: to the API server, or through a proxy. */
export function limitConnecting(sent: ClientRequest, limit: AbortController): void {
  const abort = () => limit.abort(new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`));
  const timer = setTimeout(abort, CONNECT_TIMEOUT_MS);
  const stop = () => clearTimeout(timer);
  limit.signal.addEventListener('abort', stop);
  sent.once('close', stop).once('socket', (socket: Socket & { readonly secureConnecting?: boolean }) => {
    // A tunnel is already connected, but TLS through it may not be.
    if (!socket.connecting && !socket.secureConnecting) stop();
    else socket.once('secureConnecting' in socket ? 'secureConnect' : 'connect', stop);
  });
}
