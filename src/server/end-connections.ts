import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Short beside the quiet period before it; a connection that was just accepted has so long to send its request. */
const INTERVAL_MS = 50;

/**
 * Lets a server close though connections are open on which nothing is asked: Node waits for them, all but those that had
 * a request before. Go dials ahead, so the API server has such connections; without this, each of them would hold the
 * process until its grace period is over.
 *
 * Returns the function to call when closing starts: from then on connections end as soon as no request is in flight.
 */
export function endConnections(server: Server): () => void {
  const open = new Set<Socket>();
  let requests = 0;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', (_request, response) => {
    requests += 1;
    response.once('close', () => {
      requests -= 1;
    });
  });

  return () => {
    const timer = setInterval(() => {
      if (requests > 0) return;
      for (const socket of open) socket.destroy();
    }, INTERVAL_MS).unref();
    server.once('close', () => clearInterval(timer));
  };
}
