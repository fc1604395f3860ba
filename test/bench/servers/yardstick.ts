import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** What tells one yardstick from the other: how a body, in the pieces it came in, is answered. */
export type Answer = (body: readonly Buffer[]) => string;

/**
 * Serves POSTs by node:https with the certificate of a directory, named by the first argument, on a free port of loopback,
 * and says where in the words of the webhook's own log.
 */
export function serveYardstick(answer: Answer): void {
  const [, , directory = '.'] = process.argv;
  const tls = { cert: readFileSync(join(directory, 'tls.crt')), key: readFileSync(join(directory, 'tls.key')) };

  const server = createServer(tls, (request, response) => {
    const body: Buffer[] = [];
    request.on('data', (piece: Buffer) => body.push(piece));
    request.on('end', () => reply(response, answer(body)));
  });
  // Node's 5 s would end connections in the pauses of the bench.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `https://localhost:${port}/mutate` })}\n`);
  });
  // An orderly exit writes the compile cache.
  process.once('SIGTERM', () => process.exit(0));
}

function reply(response: ServerResponse, text: string): void {
  response.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
