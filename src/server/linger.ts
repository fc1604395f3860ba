import type { IncomingMessage } from 'node:http';

/** For a client to read its answer. */
const LINGER_MS = 2_000;

/**
 * Has a connection closed, after the answer to a request, in such a way that its client gets to read that though it still
 * sends: closed with bytes unread, TCP would reset it, and the answer with it. What comes is read and dropped for a while.
 */
export function linger({ complete, socket }: IncomingMessage): void {
  if (complete) return;
  // What Node calls after an answer that says `Connection: close`.
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  };
}
