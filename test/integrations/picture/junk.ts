import { once } from 'node:events';
import { request } from 'node:https';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { NAME } from '../../e2e/installation.ts';
import { kubectlJson } from '../../e2e/program.ts';

/** The pause between two rounds. */
const PAUSE_MS = 500;

/** Requests that no API server sends. Each one is rejected with a different cause. */
const REQUESTS = [
  { path: '/', type: 'application/json', body: '{}' },
  { path: '/mutate', type: 'application/json', body: '{}' },
  { path: '/mutate', type: 'application/json', body: 'junk' },
  { path: '/mutate', type: 'text/plain', body: 'junk' },
] as const;

/** Sends junk to the webhook's port until the signal aborts. */
export async function sendJunk(signal: AbortSignal): Promise<void> {
  const service = await kubectlJson<{ spec: { clusterIP: string } }>(['get', 'service', NAME, '--namespace', NAME]);
  const host = service.spec.clusterIP;
  while (!signal.aborted) {
    await Promise.all([sendPlain(host), ...REQUESTS.map((each) => send(host, each))]);
    await sleep(PAUSE_MS);
  }
}

/** Sends a request without TLS. */
async function sendPlain(host: string): Promise<void> {
  const socket = connect(443, host, () => socket.end('GET / HTTP/1.1\r\n\r\n'));
  socket.on('error', () => {}).resume();
  await once(socket, 'close');
}

async function send(host: string, { path, type, body }: (typeof REQUESTS)[number]): Promise<void> {
  const headers = { 'content-type': type, 'content-length': body.length };
  const client = request({ host, path, method: 'POST', headers, rejectUnauthorized: false, agent: false });
  client.on('response', (response) => response.resume()).on('error', () => {});
  client.end(body);
  await once(client, 'close');
}
