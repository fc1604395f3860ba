import { once } from 'node:events';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendPlain, serviceAddress } from '../plain-client.ts';

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
  const host = await serviceAddress();
  while (!signal.aborted) {
    await Promise.all([sendPlain(host), ...REQUESTS.map((each) => send(host, each))]);
    await sleep(PAUSE_MS);
  }
}

async function send(host: string, { path, type, body }: (typeof REQUESTS)[number]): Promise<void> {
  const headers = { 'content-type': type, 'content-length': body.length };
  const client = request({ host, path, method: 'POST', headers, rejectUnauthorized: false, agent: false });
  client.on('response', (response) => response.resume()).on('error', () => {});
  client.end(body);
  await once(client, 'close');
}
