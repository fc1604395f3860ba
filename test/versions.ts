import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import PQueue from 'p-queue';

const USAGE = `Runs the tests of the cluster, the chart and the pages against API servers of several versions, and prints a table.

KUBEBUILDER_ASSETS_DIRS   directories like KUBEBUILDER_ASSETS, separated by "${delimiter}"
VERSIONS_AT_ONCE          how many suites run in parallel, each with its own API server; by default 1

Arguments are files to run: a suite without any of them is left out.`;

const { KUBEBUILDER_ASSETS_DIRS = '', REQUIRE_CLUSTER, VERSIONS_AT_ONCE = '1' } = process.env;

const SUITES = ['cluster', 'chart', 'pages'] as const;

interface Results {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
}

const files = process.argv.slice(2);

/** Runs a suite with the API server in a directory, and prints its output when it has ended. */
async function runSuite(assets: string, suite: string, file: string): Promise<Results | undefined> {
  const reporters = ['--reporter', 'default', '--reporter', 'json', `--outputFile.json=${file}`];
  const args = ['run', '--project', suite, ...reporters, '--passWithNoTests', ...files];
  const env = { ...process.env, KUBEBUILDER_ASSETS: assets };
  const child = spawn('vitest', args, { env });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  process.stdout.write(stdout + stderr);
  // There are no results if the suite did not end normally.
  return readFile(file, 'utf8').then(JSON.parse, () => undefined);
}

/** Returns the version that an API server prints, such as `v1.37.2`. */
async function versionOf(assets: string): Promise<string> {
  const { stdout } = await promisify(execFile)(join(assets, 'kube-apiserver'), ['--version']);
  return stdout.trim().replace('Kubernetes ', '');
}

/** Returns a row of the table. Failed tests or no tests fail the whole run; with REQUIRE_CLUSTER, skipped tests do, too. */
async function rowOf(assets: string, suite: string, directory: string): Promise<readonly string[]> {
  const version = await versionOf(assets);
  const started = performance.now();
  const results = await runSuite(assets, suite, join(directory, `${version}-${suite}.json`));
  const seconds = Math.round((performance.now() - started) / 1000);
  const { numPassedTests: passed = 0, numFailedTests: failed = 0, numPendingTests: skipped = 0 } = results ?? {};
  const missed = REQUIRE_CLUSTER ? skipped : 0;
  const isLeftOut = files.length > 0 && results !== undefined && passed + failed + skipped === 0;
  if (isLeftOut) return [];
  if (passed === 0 || failed + missed > 0) process.exitCode = 1;
  return [`| ${version} | ${suite} | ${passed} | ${failed} | ${skipped} | ${seconds} |`];
}

const directories = KUBEBUILDER_ASSETS_DIRS.split(delimiter).filter((path) => path !== '');
if (directories.length === 0) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}

await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-versions-'));
const queue = new PQueue({ concurrency: Number(VERSIONS_AT_ONCE) });
const runs = directories.flatMap((assets) => SUITES.map((suite) => () => rowOf(assets, suite, directory.path)));
const rows = (await queue.addAll(runs)).flat();
const heading = [
  '| Kubernetes | suite | passed | failed | skipped | seconds |',
  '| --- | --- | --- | --- | --- | --- |',
];
if (rows.length === 0) {
  process.stderr.write(`No test in ${files.join(', ')}\n`);
  process.exit(1);
}
process.stdout.write(`${[...heading, ...rows].join('\n')}\n`);
