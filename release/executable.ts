import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtempDisposable, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { EXECUTABLES, executablePath, NODE_LICENSE } from './executable-path.ts';
import { fetchNode, TARGETS, type Target } from './node-packages.ts';

const USAGE = `Usage: npm run build:executable -- [options]

Builds the command line as single executables that include Node.js, in ${EXECUTABLES}/. By default, for this machine.

  --target <platform>   any of ${TARGETS.join(', ')}; repeatable
  --all                 all of them
  --help

On macOS, executables for macOS are signed ad hoc. Sign those built elsewhere before use: macOS kills unsigned processes.
`;

const run = promisify(execFile);

function ownTarget(): Target {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return targetOf(`${os}-${arch}`);
}

function targetOf(name: string): Target {
  const target = TARGETS.find((one) => one === name);
  if (target === undefined) throw new Error(`Cannot build for ${name}, expected one of ${TARGETS.join(', ')}`);
  return target;
}

/** The configuration for Node.js's --build-sea. */
async function seaConfig(executable: string, output: string): Promise<string> {
  const chunks = (await readdir('dist/chunks')).filter((name) => name.endsWith('.js'));
  return JSON.stringify({
    main: 'dist/main.js',
    mainFormat: 'module',
    executable,
    output,
    // Its "type" makes Node.js read chunks as modules without a detection.
    assets: { 'package.json': 'package.json', ...Object.fromEntries(chunks.map(assetOf)) },
    // Chunks are imported when a command needs them. A code cache needs everything in one module instead: `version` then takes twice
    // the time, and commands that call the API server take two thirds of it.
    useVfs: true,
    // src/main.ts explains the value.
    execArgv: ['--max-semi-space-size=8'],
    disableExperimentalSEAWarning: true,
  });
}

function assetOf(chunk: string): [key: string, path: string] {
  return [`chunks/${chunk}`, `dist/chunks/${chunk}`];
}

async function buildExecutables(targets: readonly Target[]): Promise<void> {
  await using work = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-executable-'));
  const host = await fetchNode(ownTarget(), work.path);
  const builder = join(work.path, 'builder.exe');
  await writeFile(builder, host.binary, { mode: 0o755 });
  const [base, config] = [join(work.path, 'node'), join(work.path, 'sea.json')];

  for (const target of targets) {
    const { binary, license } = target === ownTarget() ? host : await fetchNode(target, work.path);
    await writeFile(base, binary);
    const output = resolve(executablePath(target));
    await mkdir(dirname(output), { recursive: true });
    // A running file cannot be overwritten, and macOS remembers the signature of the previous file.
    await rm(output, { force: true });
    await writeFile(config, await seaConfig(base, output));
    await run(builder, ['--build-sea', config]);
    await chmod(output, 0o755);
    const needsSignature = target.startsWith('darwin-');
    const isSigned = needsSignature && process.platform === 'darwin';
    if (isSigned) await run('codesign', ['--sign', '-', output]);
    if (license) await writeFile(NODE_LICENSE, license);
    console.log(`${executablePath(target)}${needsSignature && !isSigned ? ' (not signed)' : ''}`);
  }
}

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true },
    all: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
} else {
  await buildExecutables(values.all ? TARGETS : (values.target?.map(targetOf) ?? [ownTarget()]));
}
