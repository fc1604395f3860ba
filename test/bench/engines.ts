import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../chart/programs.ts';
import { startControlPlane } from '../cluster/control-plane.ts';
import { runKubectl } from '../cluster/run-kubectl.ts';
import { ApiServer, CONFIG_VIEW } from '../e2e/api-server.ts';
import { deleteAll, Load } from '../e2e/load.ts';
import { POD } from '../e2e/objects.ts';
import { type Cost, compareEngines, ENGINES, type EngineName, reportEngines } from './engines/compare.ts';
import { renderEngine, withEngine } from './engines/engine.ts';
import { type EngineOptions, parseEngineOptions, USAGE } from './engines/options.ts';
import { interleave } from './results.ts';
import { type ServerProcess, startServer, usageOf } from './server-process.ts';
import { webhookArguments } from './servers.ts';

const NAMESPACE = 'default';

/** Time for connections to open and for latency to settle before the measurement. */
const LEAD_IN_MS = 2_000;

interface Run {
  readonly api: ApiServer;
  readonly apiServerPid: number;
  readonly webhook: ServerProcess;
  readonly options: EngineOptions;
}

/**
 * Creates Pods at a constant rate, and returns the cost of one. A closed loop would saturate the API server, and the measured
 * latency would be the time spent in its queue.
 */
async function measure(engine: EngineName, { api, apiServerPid, webhook, options }: Run): Promise<Cost> {
  await load(api, options.perSecond, LEAD_IN_MS);
  const cpu = () => [usageOf(apiServerPid).cpuMicroseconds, webhook.usage().cpuMicroseconds] as const;
  const before = cpu();
  const { created, misses, errors, p50Ms, p99Ms } = await load(api, options.perSecond, options.seconds * 1000);
  const after = cpu();
  await deleteAll(api, NAMESPACE);

  if (errors.length > 0) throw new Error(`Cannot measure ${engine}: ${errors[0]}`);
  const missed = engine === 'none' ? created : 0;
  if (misses.length !== missed)
    throw new Error(`Cannot measure ${engine}: ${misses.length} of ${created} are missing a label`);
  const perCreate = (index: 0 | 1) => {
    const [from, to] = [before[index], after[index]];
    return from === undefined || to === undefined ? undefined : (to - from) / created;
  };
  const [apiServerCpuMicroseconds, webhookCpuMicroseconds] = [perCreate(0), perCreate(1)];
  const cpuMicroseconds =
    apiServerCpuMicroseconds === undefined || webhookCpuMicroseconds === undefined
      ? undefined
      : apiServerCpuMicroseconds + webhookCpuMicroseconds;
  return { p50Ms, p99Ms, apiServerCpuMicroseconds, webhookCpuMicroseconds, cpuMicroseconds };
}

async function load(api: ApiServer, perSecond: number, ms: number) {
  const creating = new Load(api, NAMESPACE, perSecond, [POD]);
  await sleep(ms);
  return creating.stop();
}

async function bench(options: EngineOptions, assets: string, helm: string): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-engines-')));
  const { cluster, apiServerPid } = stack.use(await startControlPlane(resolve(assets), directory.path));
  const { stdout } = await runKubectl(cluster, CONFIG_VIEW);
  const api = stack.adopt(ApiServer.of(stdout), (server) => server.close());
  const certificates = join(directory.path, 'certificates');
  const unpinned = { server: undefined, client: undefined };
  const webhook = await startServer(
    { args: webhookArguments(['--certificates', certificates]), nodeOptions: '' },
    unpinned,
  );
  stack.defer(webhook.close);
  const address = {
    url: `https://127.0.0.1:${webhook.port}/mutate`,
    caBundle: await readFile(join(certificates, 'ca.crt'), 'utf8'),
  };

  const cpu = `${availableParallelism()} × ${cpus()[0]?.model.trim()}`;
  const { seconds, rounds, perSecond } = options;
  console.log(`Node ${process.version} on ${cpu}, load average before: ${loadavg()[0]?.toFixed(2)}`);
  const run = { api, apiServerPid, webhook, options };
  const measured = await interleave(ENGINES, rounds, async (engine) => {
    const objects = await renderEngine(helm, engine, address);
    const cost = await withEngine(api, NAMESPACE, objects, () => measure(engine, run));
    console.error(engine, JSON.stringify(cost));
    return cost;
  });
  const results = compareEngines(measured);
  console.log(
    reportEngines(`Cost of creating a Pod: ${perSecond} per second, ${rounds} rounds of ${seconds} s`, results),
  );
  await writeFile(options.json, `${JSON.stringify({ ...options, cpu, measured, results }, undefined, 2)}\n`);
  console.log(`Written to ${options.json}`);
}

const options = parseEngineOptions(process.argv.slice(2));
if (options === undefined) {
  console.log(USAGE);
} else {
  const { KUBEBUILDER_ASSETS: assets } = process.env;
  const helm = findProgram('helm', assets || undefined);
  if (!assets || !helm) throw new Error('Cannot bench: set KUBEBUILDER_ASSETS, and install helm there or in the PATH');
  await bench(options, assets, helm);
}
