import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/** Connections take milliseconds, however loaded the API server is. Where packets are dropped, a person waits for this. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** Aborts a request that gets no connection in time: to the API server, or to a proxy and through it. */
export function limitConnecting(sent: ClientRequest, limit: AbortController): void {
  const abort = () => limit.abort(new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`));
  const timer = setTimeout(abort, CONNECT_TIMEOUT_MS);
  const stop = () => clearTimeout(timer);
  limit.signal.addEventListener('abort', stop);
  sent.once('close', stop).once('socket', (socket: Socket & { readonly secureConnecting?: boolean }) => {
    // A proxy's tunnel is a connection already; TLS through it is none yet.
    if (!socket.connecting && !socket.secureConnecting) stop();
    else socket.once('secureConnecting' in socket ? 'secureConnect' : 'connect', stop);
  });
}
