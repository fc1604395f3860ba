import { spawnSync } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { recordedPath } from '../support/reviews.ts';
import { watchOthers } from './machine.ts';
import { ratios, spread } from './spread.ts';
import { aligned, digits, withRange } from './table.ts';
import { type Used, used } from './used.ts';

const USAGE = `Usage: npm run bench:executable -- [options] <executable>

Measures an executable that npm run build:executable has built, and node dist/main.js, in turns.

  --rounds <number>   how many times to measure (default: 15)
  --help
`;

const COMMANDS = [['version'], ['list', '--help'], ['review', recordedPath('envoy-service.json')]];
const BUNDLE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

interface Run extends Used {
  readonly seconds: number;
}

async function measure(file: string, args: readonly string[]): Promise<Run> {
  // Measured without the preloaded script of used(), which would add to the time.
  const startedAt = performance.now();
  spawnSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds, ...(await used(file, args, 'ignore')) };
}

async function compare(executable: string, command: readonly string[], rounds: number): Promise<string[][]> {
  const own: Run[] = [];
  const nodes: Run[] = [];
  for (let round = 0; round < rounds; round += 1) {
    own.push(await measure(executable, command));
    nodes.push(await measure(process.execPath, ['--max-semi-space-size=8', BUNDLE, ...command]));
  }
  const [name] = command;
  return FIGURES.map(({ title, of }) => {
    const [ownSpread, nodeSpread] = [spread(own.map(of)), spread(nodes.map(of))];
    const ratio = ratios(own.map(of), nodes.map(of));
    return [
      `${name} ${title}`,
      ...[ownSpread, nodeSpread].map((one) => (one ? digits(one.median) : '-')),
      ratio ? withRange(ratio) : '-',
    ];
  });
}

const FIGURES: readonly { readonly title: string; readonly of: (run: Run) => number }[] = [
  { title: 'time, ms', of: ({ seconds }) => seconds * 1000 },
  { title: 'CPU, ms', of: ({ cpuSeconds }) => cpuSeconds * 1000 },
  { title: 'peak RSS, MiB', of: ({ peakRssMib }) => peakRssMib },
];

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '15' }, help: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [executable] = positionals;
if (values.help || executable === undefined) {
  console.log(USAGE);
} else {
  console.log(`Node ${process.version} on ${availableParallelism()} × ${cpus()[0]?.model.trim()}`);
  console.log(`${executable}: ${digits((await stat(executable)).size / 1e6)} MB\n`);
  const others = watchOthers();
  const rows: string[][] = [];
  for (const command of COMMANDS) rows.push(...(await compare(executable, command, Number(values.rounds))));
  console.log(aligned([['', 'executable', 'node', 'ratio'], ...rows], [1, 2, 3]));
  console.log(`\nCores used by other processes during the run: ${digits(others() ?? 0)}`);
}
