import type { IncomingMessage } from 'node:http';

/** The time for a client to read its answer. */
const LINGER_MS = 2_000;

/**
 * Closes a connection after the answer so that a client that is still sending can read it: if bytes were left unread, TCP
 * would reset the connection, and the answer would be lost. So the rest is read and discarded for a while.
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
