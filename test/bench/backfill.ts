import { mkdtempDisposable } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ApiClient, BULK_TIMEOUT_MS } from '../../src/kubernetes/api-client.ts';
import { startControlPlane } from '../cluster/control-plane.ts';
import { createAll, manyObjects, pathOf } from '../cluster/many-objects.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { OWNER, STANDARD } from '../cluster/objects.ts';
import { type MeasuredRun, measuredRun } from '../support/measured-run.ts';
import { type BackfillResult, backfillAims, reportBackfill } from './backfill-report.ts';
import { barePatches, type Patch } from './bare-patches.ts';
import { reportAims } from './report.ts';

const USAGE = `Usage: npm run bench:backfill -- [options]

Measures audit and backfill (dist/main.js) against an API server from KUBEBUILDER_ASSETS, and a bare loop with the same
number of PATCH calls and the same concurrency.

  --sizes <list>   numbers of objects (default: 1000,10000,50000; takes about ten minutes)
  --help
`;

/** The program's default for `--concurrency`. */
const CONCURRENCY = 8;

/** More than any API server can handle. */
const UNLIMITED = ['--qps', '10000', '--concurrency', `${CONCURRENCY}`];

interface Target {
  readonly kubeconfig: string;
  readonly client: ApiClient;
}

async function bench(sizes: readonly number[], target: Target): Promise<BackfillResult[]> {
  const results: BackfillResult[] = [];
  for (const size of sizes) {
    const namespace = `bench-${size}`;
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
    await target.client.create({ path: '/api/v1/namespaces' }, body);
    const objects = manyObjects(size, [namespace]);
    await createAll(target.client, objects);
    const run = (...args: readonly string[]) => measured(args, namespace, target);

    const audit = await run('audit');
    const byDefault = await run('backfill');
    // Removes the added labels: the same work for the API server, and the next run has labels to add again.
    const bareSeconds = await barePatches(objects.map(removal), CONCURRENCY, target.kubeconfig);
    const unlimited = await run('backfill', ...UNLIMITED);
    results.push({ size, audit, byDefault, unlimited, bareSeconds });
    console.log(`${size} objects measured`);
  }
  return results;
}

async function measured(
  [command = '', ...args]: readonly string[],
  namespace: string,
  { kubeconfig }: Target,
): Promise<MeasuredRun> {
  const run = await measuredRun([command, '-n', namespace, '-o', 'name', ...args], { KUBECONFIG: kubeconfig });
  if (run.exitCode !== 0) throw new Error(`Cannot measure: ${command} exits with ${run.exitCode}: ${run.stderr}`);
  return run;
}

function removal(object: KubernetesObject): Patch {
  const added = object.metadata.labels?.[OWNER] === undefined ? OWNER : STANDARD;
  const path = `/metadata/labels/${added.replace('/', '~1')}`;
  return { path: pathOf(object), operations: [{ op: 'remove', path }] };
}

const { values } = parseArgs({
  options: { sizes: { type: 'string', default: '1000,10000,50000' }, help: { type: 'boolean', default: false } },
});
const { KUBEBUILDER_ASSETS: assets } = process.env;
if (values.help || !assets) {
  console.log(assets ? USAGE : `${USAGE}\nSet KUBEBUILDER_ASSETS=$(setup-envtest use -p path)`);
} else {
  console.log(`Node ${process.version} on ${availableParallelism()} × ${cpus()[0]?.model.trim()}`);
  await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-bench-'));
  await using controlPlane = await startControlPlane(resolve(assets), directory.path);
  const { kubeconfig } = controlPlane.cluster;
  const target = { kubeconfig, client: new ApiClient({ kubeconfig }, {}, BULK_TIMEOUT_MS) };
  const results = await bench(values.sizes.split(',').map(Number), target);
  console.log(`\n${reportBackfill(results, CONCURRENCY)}`);
  console.log(reportAims(backfillAims(results), undefined));
}
