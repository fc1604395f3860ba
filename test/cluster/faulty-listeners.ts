import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { KeyedCertificate } from '../../src/certificates/issue.ts';

/** Starts an HTTPS server that answers with `answer`; returns its port. */
export async function answering(
  certificate: KeyedCertificate,
  answer: RequestListener,
  host = '127.0.0.1',
): Promise<number> {
  const server = createServer(certificate, (request, response) => {
    request.resume();
    answer(request, response);
  });
  await once(server.listen(0, host), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  });
  return (server.address() as AddressInfo).port;
}

/** Starts a TCP server that passes its connections to `accept`; returns its port. */
export async function accepting(accept: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    accept(socket);
  });
  await once(server.listen(0, host), 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await once(server.close(), 'close');
  });
  return (server.address() as AddressInfo).port;
}

const STOPPED_LISTENER = `
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;

/** Returns a port that drops packets: its process accepts no connections, and its queue is full. */
export async function dropping(): Promise<number> {
  const child = spawn(process.execPath, ['-e', STOPPED_LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  const port = Number(String(line));
  child.kill('SIGSTOP');
  // The kernel completes handshakes until the queue is full, and then ignores new connections.
  for (;;) {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    onTestFinished(() => void socket.destroy());
    const isQueued = await Promise.race([once(socket, 'connect').then(() => true), unanswered()]);
    if (!isQueued) return port;
  }
}

function unanswered(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), 500));
}
