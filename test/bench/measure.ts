import { setTimeout as sleep } from 'node:timers/promises';
import { Load } from './load.ts';
import type { Cores } from './machine.ts';
import type { BenchReview } from './reviews.ts';
import { type ServerProcess, startServer, type Usage } from './server-process.ts';

export interface BenchServer {
  readonly args: readonly string[];
  /** Its answer to every request; by default, the webhook's answer. */
  readonly constantAnswer?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The log message after which it answers requests; by default, `listening`. */
  readonly answersFrom?: string;
}

/** Shared by all measurements of one run. */
export interface Setting {
  readonly cores: Cores;
  readonly ca: string;
  readonly nodeOptions: string;
  /** Node's compile cache: a directory that previous runs of the servers have filled. */
  readonly compileCache?: string;
}

/** The result of one server in one round. Numbers that only Linux reports are undefined elsewhere. */
export interface Throughput {
  readonly requestsPerSecond: number;
  readonly cpuMicrosecondsPerRequest: number | undefined;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMib: number | undefined;
  /** The share of one core that the server used. If it is far below 1, the client was the bottleneck. */
  readonly busy: number | undefined;
}

export interface ThroughputOptions {
  readonly review: BenchReview;
  readonly connections: number;
  readonly measuredMs: number;
}

/** Time for connections to open and for latency to settle before the measurement. */
const LEAD_IN_MS = 250;

/** Starts a server. The caller must kill it. */
export function startBenchServer(
  { args, environment, answersFrom }: BenchServer,
  { cores, compileCache, nodeOptions }: Setting,
): Promise<ServerProcess> {
  return startServer({ args, compileCache, nodeOptions, environment, answersFrom }, cores);
}

export async function measureThroughput(
  { constantAnswer }: BenchServer,
  process: ServerProcess,
  { review, connections, measuredMs }: ThroughputOptions,
  { ca }: Setting,
): Promise<Throughput> {
  const load = new Load({ port: process.port, ca, constantAnswer, connections, review });
  try {
    load.start();
    await load.measure(LEAD_IN_MS);
    const before = process.usage();
    const { requests, seconds, p50Ms, p99Ms } = await load.measure(measuredMs);
    const after = process.usage();
    if (requests === 0) throw new Error(`Cannot measure: no answer in ${seconds.toFixed(1)} s; try --seconds`);
    const cpuMicroseconds = difference(after.cpuMicroseconds, before.cpuMicroseconds);
    return {
      requestsPerSecond: requests / seconds,
      cpuMicrosecondsPerRequest: cpuMicroseconds && cpuMicroseconds / requests,
      p50Ms,
      p99Ms,
      rssMib: after.rssMib,
      busy: cpuMicroseconds && cpuMicroseconds / 1e6 / seconds,
    };
  } finally {
    load.close();
  }
}

export interface Start {
  /** From spawn to the first answered review. */
  readonly firstAnswerMs: number;
  /** CPU time of all threads until the first answer. */
  readonly cpuMs: number | undefined;
  /** After `IDLE_MS` without requests. */
  readonly idleRssMib: number | undefined;
}

/** How long a process gets no requests before its idle RSS is read. */
const IDLE_MS = 1_000;

/** Starts a server, sends one review, and reads the idle RSS after a pause. */
export async function measureStart(server: BenchServer, review: BenchReview, setting: Setting): Promise<Start> {
  const startedAt = performance.now();
  return withServer(server, setting, async (process) => {
    await answerReviews(server, process, { review, connections: 1, requests: 1 }, setting);
    const firstAnswerMs = performance.now() - startedAt;
    const { cpuMicroseconds } = process.usage();
    await sleep(IDLE_MS);
    return {
      firstAnswerMs,
      cpuMs: cpuMicroseconds && cpuMicroseconds / 1000,
      idleRssMib: process.usage().rssMib,
    };
  });
}

/** Starts a server, sends reviews, and shuts it down gracefully, so that it writes its compile cache. */
export async function warmCompileCache(server: BenchServer, review: BenchReview, setting: Setting): Promise<void> {
  return withServer(server, setting, async (process) => {
    await answerReviews(server, process, { review, connections: 1, requests: 10 }, setting);
    await process.close();
  });
}

/** Sends a burst of reviews to a new process and returns its peak memory. */
export async function measurePeakRss(
  server: BenchServer,
  reviews: { readonly review: BenchReview; readonly connections: number; readonly requests: number },
  setting: Setting,
): Promise<Usage['peakRssMib']> {
  return withServer(server, setting, async (process) => {
    await answerReviews(server, process, reviews, setting);
    return process.usage().peakRssMib;
  });
}

async function answerReviews(
  { constantAnswer }: BenchServer,
  { port }: ServerProcess,
  reviews: { readonly review: BenchReview; readonly connections: number; readonly requests: number },
  { ca }: Setting,
): Promise<void> {
  const load = new Load({ port, ca, constantAnswer, ...reviews });
  try {
    load.start();
    await load.finished();
  } finally {
    load.close();
  }
}

async function withServer<T>(
  server: BenchServer,
  setting: Setting,
  use: (process: ServerProcess) => Promise<T>,
): Promise<T> {
  const process = await startBenchServer(server, setting);
  try {
    return await use(process);
  } finally {
    await process.kill();
  }
}

function difference(after: number | undefined, before: number | undefined): number | undefined {
  return after === undefined || before === undefined ? undefined : after - before;
}
