import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Answers a body, received in chunks. The yardsticks differ only in this. */
export type Answer = (body: readonly Buffer[]) => string;

/**
 * Serves POSTs with node:https on a free loopback port, with the certificate in the directory that the first argument names.
 * It logs its address in the same format as the webhook.
 */
export function serveYardstick(answer: Answer): void {
  const [, , directory = '.'] = process.argv;
  const tls = { cert: readFileSync(join(directory, 'tls.crt')), key: readFileSync(join(directory, 'tls.key')) };

  const server = createServer(tls, (request, response) => {
    const body: Buffer[] = [];
    request.on('data', (piece: Buffer) => body.push(piece));
    request.on('end', () => reply(response, answer(body)));
  });
  // Node's default, 5 s, would close connections during the pauses of the bench.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `https://localhost:${port}/mutate` })}\n`);
  });
  // A graceful exit writes the compile cache.
  process.once('SIGTERM', () => process.exit(0));
}

function reply(response: ServerResponse, text: string): void {
  response.writeHead(200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}
