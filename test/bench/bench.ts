import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { shareCores, watchOthers } from './machine.ts';
import {
  type BenchServer,
  measurePeakRss,
  measureStart,
  measureThroughput,
  type Setting,
  type Start,
  startBenchServer,
  type Throughput,
  warmCompileCache,
} from './measure.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { reportAims, reportBody, reportBurst, reportStart, reportStrangers } from './report.ts';
import {
  aimsOf,
  type BodyResult,
  compare,
  compareAll,
  interleave,
  type Results,
  SERVERS,
  type ServerName,
  type StartResult,
} from './results.ts';
import { BENCH_REVIEWS, type BenchReview, type BodyName } from './reviews.ts';
import type { ServerProcess } from './server-process.ts';
import { buildServers, selfWebhook } from './servers.ts';
import { measureStrangers, STRANGERS, type StrangersResult } from './strangers.ts';
import { startTrustApi } from './trust-api.ts';

/** Concurrent reviews, except in the burst. */
const CONNECTIONS = 16;

/** Time for V8 to optimize hot code. After one second, the webhook's p99 and CPU time per request were still falling. */
const WARM_UP_MS = 3_000;

/** More requests than connections, so that memory that is not freed in time is noticed. */
const BURST = { connections: 64, requests: 256 } as const;

/** Each burst takes seconds, so few rounds are enough. */
const MOST_BURSTS = 3;

/** Runs the bench and prints each part of the report as soon as it is measured. */
async function bench({ seconds, rounds, bodies, nodeOptions }: Options, directory: string): Promise<Results> {
  const cpu = `${availableParallelism()} × ${cpus()[0]?.model.trim()}`;
  const conditions = { date: new Date().toISOString(), node: process.version, nodeOptions, cpu, seconds, rounds };
  const cores = shareCores();
  console.log(`Node ${[process.version, nodeOptions].join(' ').trim()} on ${cpu}`);
  console.log(`${rounds} rounds of ${seconds} s`);
  console.log(
    cores.server === undefined
      ? 'Not pinned to cores\n'
      : `Server pinned to core ${cores.server}, client to core ${cores.client}\n`,
  );

  const run = await prepare(directory, { cores, nodeOptions });
  const othersUse = watchOthers();
  const results: Record<string, BodyResult> = {};
  for (const body of bodies) {
    const result = await benchBody(body, run, { rounds, measuredMs: seconds * 1000 });
    results[body] = result;
    console.log(reportBody(result));
  }
  const starts = { ...(await benchStarts(run, rounds)), self: await benchSelf(run, rounds, directory) };
  console.log(reportStart('Cold start, from spawn to the first answer, with a compile cache', starts.warmCache));
  console.log(reportStart('Cold start without a compile cache', starts.noCache));
  console.log(
    reportStart('Cold start without a compile cache, certificate mode self, with a CA in the Secret', starts.self),
  );
  const burst = await benchBurst(run, Math.min(rounds, MOST_BURSTS));
  console.log(reportBurst(burst));

  const strangers = await benchStrangers(run);
  console.log(reportStrangers(strangers));

  const aims = aimsOf({ bodies: results, starts, burst, strangers });
  const coresUsedByOthers = othersUse();
  console.log(reportAims(aims, coresUsedByOthers));
  return { ...conditions, cores, coresUsedByOthers, bodies: results, starts, burst, strangers, aims };
}

/** Builds the yardsticks, starts the webhook to issue the certificates that all servers use, and fills the compile cache. */
async function prepare(
  directory: string,
  { cores, nodeOptions }: Pick<Setting, 'cores' | 'nodeOptions'>,
): Promise<Run> {
  const certificates = join(directory, 'certificates');
  const servers = await buildServers(directory, certificates);
  const webhook = await startBenchServer(servers['gateway-name-webhook'], { cores, nodeOptions, ca: '' });
  await webhook.kill();

  const ca = await readFile(join(certificates, 'ca.crt'), 'utf8');
  const setting = { cores, nodeOptions, ca, compileCache: join(directory, 'compile-cache') };
  const run = { servers, setting, pod: BENCH_REVIEWS.pod() };
  for (const server of SERVERS) await warmCompileCache(servers[server], run.pod, run.setting);
  return run;
}

interface Run {
  readonly servers: Readonly<Record<ServerName, BenchServer>>;
  readonly setting: Setting & { readonly compileCache: string };
  readonly pod: BenchReview;
}

/** Measures one body, with processes that have received no other. */
async function benchBody(
  body: BodyName,
  { servers, setting }: Run,
  { rounds, measuredMs }: { readonly rounds: number; readonly measuredMs: number },
): Promise<BodyResult> {
  const review = BENCH_REVIEWS[body]();
  const processes = new Map<ServerName, ServerProcess>();
  const measure = async (server: ServerName, ms: number) => {
    const process = processes.get(server) ?? (await startBenchServer(servers[server], setting));
    processes.set(server, process);
    const options = { review, connections: CONNECTIONS, measuredMs: ms };
    return measureThroughput(servers[server], process, options, setting);
  };
  try {
    await interleave(SERVERS, 1, (server) => measure(server, WARM_UP_MS));
    const measured = await interleave(SERVERS, rounds, (server) => measure(server, measuredMs));
    return {
      title: review.title,
      bytes: Buffer.byteLength(review.text),
      connections: CONNECTIONS,
      comparisons: compareAll(measured, THROUGHPUT_FIGURES),
    };
  } finally {
    for (const process of processes.values()) await process.kill();
  }
}

const THROUGHPUT_FIGURES = [
  'requestsPerSecond',
  'cpuMicrosecondsPerRequest',
  'p50Ms',
  'p99Ms',
  'rssMib',
  'busy',
] as const satisfies readonly (keyof Throughput)[];

async function benchStarts(run: Run, rounds: number): Promise<Pick<Results['starts'], 'warmCache' | 'noCache'>> {
  const { compileCache, ...withoutCache } = run.setting;
  const starts = (setting: Setting) =>
    compareStarts(rounds, (server) => measureStart(run.servers[server], run.pod, setting));
  return { warmCache: await starts({ ...withoutCache, compileCache }), noCache: await starts(withoutCache) };
}

/** Measures starts of the webhook in certificate mode `self`, which needs an API server, and of the same yardsticks. */
async function benchSelf({ servers, setting, pod }: Run, rounds: number, directory: string): Promise<StartResult> {
  const { compileCache: _, ...withoutCache } = setting;
  await using api = await startTrustApi(directory);
  const webhook = selfWebhook(api);
  // The very first start issues a CA, which takes a fraction of a second longer.
  await (await startBenchServer(webhook, withoutCache)).kill();
  // Awaited here because the API server stops when this function returns.
  return await compareStarts(rounds, (server) =>
    server === 'gateway-name-webhook'
      ? measureStart(webhook, pod, { ...withoutCache, ca: api.caBundle() })
      : measureStart(servers[server], pod, withoutCache),
  );
}

async function compareStarts(rounds: number, measure: (server: ServerName) => Promise<Start>): Promise<StartResult> {
  return compareAll(await interleave(SERVERS, rounds, measure), ['firstAnswerMs', 'cpuMs', 'idleRssMib']);
}

async function benchBurst(run: Run, rounds: number): Promise<Results['burst']> {
  const review = BENCH_REVIEWS['pod-2mb']();
  const reviews = { review, ...BURST };
  const measured = await interleave(SERVERS, rounds, (server) =>
    measurePeakRss(run.servers[server], reviews, run.setting),
  );
  return { ...BURST, bytes: Buffer.byteLength(review.text), peakRssMib: compare(measured, (peak) => peak) };
}

async function benchStrangers({ servers, setting, pod }: Run): Promise<StrangersResult[]> {
  const results: StrangersResult[] = [];
  for (const strangers of Object.keys(STRANGERS)) {
    results.push(await measureStrangers(strangers, servers['gateway-name-webhook'], pod, setting));
  }
  return results;
}

const options = parseOptions(process.argv.slice(2));
if (options === undefined) {
  console.log(USAGE);
} else {
  const directory = await mkdtemp(join(tmpdir(), 'gateway-name-webhook-bench-'));
  try {
    const results = await bench(options, directory);
    await writeFile(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
    console.log(`Written to ${options.json}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
