import { setTimeout as sleep } from 'node:timers/promises';
import { Load } from './load.ts';
import type { Cores } from './machine.ts';
import type { BenchReview } from './reviews.ts';
import { type ServerProcess, startServer, type Usage } from './server-process.ts';

/** A server of the bench. */
export interface BenchServer {
  readonly args: readonly string[];
  /** What it answers to whatever is sent; without it, what the webhook answers. */
  readonly constantAnswer?: string;
  /** Variables beside those that all servers get. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The message of the line by which it says that it answers, where that is not the one that it listens. */
  readonly answersFrom?: string;
}

/** What all measurements of one run have in common. */
export interface Setting {
  readonly cores: Cores;
  readonly ca: string;
  readonly nodeOptions: string;
  /** A directory with what warmed-up servers have left there. */
  readonly compileCache?: string;
}

/** What one server did in one round. Figures that only Linux tells are undefined elsewhere. */
export interface Throughput {
  readonly requestsPerSecond: number;
  readonly cpuMicrosecondsPerRequest: number | undefined;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMib: number | undefined;
  /** How much of one core the server used: far below 1, the client was the bottleneck. */
  readonly busy: number | undefined;
}

/** How to load a server. */
export interface ThroughputOptions {
  readonly review: BenchReview;
  readonly connections: number;
  readonly measuredMs: number;
}

/** For connections to open and find their pace, before anything is measured. */
const LEAD_IN_MS = 250;

/** Starts a server, to be measured and then killed. */
export function startBenchServer(
  { args, environment, answersFrom }: BenchServer,
  { cores, compileCache, nodeOptions }: Setting,
): Promise<ServerProcess> {
  return startServer({ args, compileCache, nodeOptions, environment, answersFrom }, cores);
}

/** Puts a server that runs under load, and measures. */
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

/** How one start of a server went. */
export interface Start {
  /** From spawn to the first review answered. */
  readonly firstAnswerMs: number;
  /** Of all threads, until then. */
  readonly cpuMs: number | undefined;
  /** Some time after that. */
  readonly idleRssMib: number | undefined;
}

/** How long a process is left alone before its idle RSS is read. */
const IDLE_MS = 1_000;

/** Starts a server, has it answer one review and leaves it alone for a while. */
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

/** Starts a server, has it answer reviews and ends it in an orderly way, so that it leaves a compile cache. */
export async function warmCompileCache(server: BenchServer, review: BenchReview, setting: Setting): Promise<void> {
  return withServer(server, setting, async (process) => {
    await answerReviews(server, process, { review, connections: 1, requests: 10 }, setting);
    await process.close();
  });
}

/** Puts a fresh process under a burst of reviews and returns the most memory that it ever had. */
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
