import type { ClientRequest } from 'node:http';

/** Connections take milliseconds, however loaded the API server is. Where packets are dropped, a person waits for this. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Ends a request that gets no connection in time. */
export function limitConnecting(sent: ClientRequest): void {
  sent.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(
      () => sent.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`)),
      CONNECT_TIMEOUT_MS,
    );
    for (const event of ['secureConnect', 'close']) socket.once(event, () => clearTimeout(timer));
  });
}
