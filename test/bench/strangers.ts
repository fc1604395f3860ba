import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, createSecureContext } from 'node:tls';
import { type BenchServer, type Setting, startBenchServer } from './measure.ts';
import { BENCH_REVIEWS, type BenchReview } from './reviews.ts';

/** The results for the API server's reviews while strangers, other clients, misbehaved. */
export interface StrangersResult {
  readonly strangers: string;
  readonly reviews: number;
  readonly failed: number;
  readonly slowestMs: number;
  /** The peak of the server since its start. */
  readonly peakRssMib: number | undefined;
}

interface Target {
  readonly port: number;
  readonly ca: string;
}

/** The largest body that the webhook accepts. */
const BODY_BYTES = 8 * 1024 * 1024;
const BODIES_AT_ONCE = 4;

/** The baseline for bodies that cost more memory. */
export const PLAIN_BODIES = '4 bodies of one string';

/** The API server's timeout for a review, as the chart registers it. */
const TIMEOUT_MS = 2_000;
const REVIEWS_AT_ONCE = 4;
const PAUSE_MS = 20;
const MEASURED_MS = 6_000;
/** Time for strangers to connect before the API server's reviews start. */
const LEAD_IN_MS = 1_500;

/** A review of the largest size. After its head, it repeats one part. */
function largest(begin: string, part: string): Buffer {
  const head = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object":${begin}`;
  return Buffer.from(head + part.repeat(Math.floor((BODY_BYTES - head.length) / part.length)));
}

/** The ways in which strangers misbehave. Each function starts one and returns the function that stops it. */
export const STRANGERS: Readonly<Record<string, (target: Target) => () => void>> = {
  'no other clients': () => () => {},
  '8 slow connections': (target) => slowConnections(target, 8),
  '64 slow connections': (target) => slowConnections(target, 64),
  '512 slow connections': (target) => slowConnections(target, 512),
  [PLAIN_BODIES]: (target) => bodies(target, largest('"', 'x')),
  '4 bodies of [{},…]': (target) => bodies(target, largest('[', '{},')),
  '4 bodies of [[],…]': (target) => bodies(target, largest('[', '[],')),
  '4 bodies of ["",…]': (target) => bodies(target, largest('[', '"",')),
  '4 bodies of [[[[…': (target) => bodies(target, largest('', '[')),
  '64 reviews of 2 MB': (target) => bodies(target, Buffer.from(BENCH_REVIEWS['pod-2mb']().text), 64),
};

/** Connections that announce a large body and send one byte. Each is opened again when the server closes it. */
function slowConnections({ port, ca }: Target, count: number): () => void {
  const secureContext = createSecureContext({ ca });
  const head = `POST /mutate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BODY_BYTES}`;
  const open = new Set<ReturnType<typeof connect>>();
  let isOver = false;
  const start = () => {
    if (isOver) return;
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', secureContext });
    open.add(socket);
    socket.once('secureConnect', () => socket.write(`${head}\r\n\r\n{`));
    socket.on('error', () => {});
    socket.once('close', () => {
      open.delete(socket);
      start();
    });
    socket.resume();
  };
  for (let index = 0; index < count; index += 1) start();
  return () => {
    isOver = true;
    for (const socket of open) socket.destroy();
  };
}

/** Sends `atOnce` bodies concurrently, each of them again as soon as it is answered. */
function bodies(target: Target, body: Buffer, atOnce = BODIES_AT_ONCE): () => void {
  const agent = new Agent({ ca: target.ca, keepAlive: true });
  let isOver = false;
  const send = async () => {
    while (!isOver) await post(target, agent, body, 60_000).catch(() => {});
  };
  for (let index = 0; index < atOnce; index += 1) void send();
  return () => {
    isOver = true;
    agent.destroy();
  };
}

/** Starts a new server, lets strangers misbehave, and sends reviews as an API server does. */
export async function measureStrangers(
  strangers: string,
  server: BenchServer,
  review: BenchReview,
  setting: Setting,
): Promise<StrangersResult> {
  const process = await startBenchServer(server, setting);
  const target = { port: process.port, ca: setting.ca };
  const stop = STRANGERS[strangers]?.(target);
  const agent = new Agent({ ca: setting.ca, keepAlive: true });
  try {
    await sleep(LEAD_IN_MS);
    const until = performance.now() + MEASURED_MS;
    const latencies: number[] = [];
    let failed = 0;
    const ask = async () => {
      while (performance.now() < until) {
        const askedAt = performance.now();
        const status = await post(target, agent, Buffer.from(review.text), TIMEOUT_MS).catch(() => 0);
        if (status === 200) latencies.push(performance.now() - askedAt);
        else failed += 1;
        await sleep(PAUSE_MS);
      }
    };
    await Promise.all(Array.from({ length: REVIEWS_AT_ONCE }, ask));
    const { peakRssMib } = process.usage();
    const slowestMs = Math.max(0, ...latencies);
    return { strangers, reviews: latencies.length + failed, failed, slowestMs, peakRssMib };
  } finally {
    stop?.();
    agent.destroy();
    await process.kill();
  }
}

/** Posts a body and returns the status of the answer; rejects after a timeout. */
function post({ port }: Target, agent: Agent, body: Buffer, timeoutMs: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    const options = {
      host: '127.0.0.1',
      servername: 'localhost',
      port,
      agent,
      path: '/mutate',
      method: 'POST',
      headers,
    };
    const sent = request({ ...options, signal: AbortSignal.timeout(timeoutMs) });
    sent.once('error', reject);
    sent.once('response', (response) => {
      text(response).then(() => resolve(response.statusCode), reject);
    });
    sent.end(body);
  });
}
