import { parseArgs } from 'node:util';

/** What `--help` prints. */
export const USAGE = `Usage: npm run bench:engines -- [options]

Measures what it costs to create Pods with one of the labels, in turns with no engine, the policy, the webhook and both, on an
API server and an etcd that it starts out of KUBEBUILDER_ASSETS. Helm must be there, too, or in the PATH.

  --seconds <number>      measured of each engine and round (default: 10)
  --rounds <number>       (default: 5)
  --per-second <number>   Pods created, whatever the answers take (default: 100)
  --json <file>           where to write the results (default: engines-bench-results.json)
  --help
`;

/** What a run is asked for. */
export interface EngineOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly perSecond: number;
  readonly json: string;
}

/** Reads the arguments; undefined when only help is asked for. Throws when one is wrong. */
export function parseEngineOptions(args: string[]): EngineOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '10' },
      rounds: { type: 'string', default: '5' },
      'per-second': { type: 'string', default: '100' },
      json: { type: 'string', default: 'engines-bench-results.json' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const [seconds, rounds, perSecond] = [values.seconds, values.rounds, values['per-second']].map(Number);
  if (!seconds || !(seconds > 0)) throw new Error(`--seconds is "${values.seconds}", expected more than 0`);
  if (!rounds || !(Number.isInteger(rounds) && rounds > 0))
    throw new Error(`--rounds is "${values.rounds}", expected 1 or more`);
  if (!perSecond || !(perSecond > 0))
    throw new Error(`--per-second is "${values['per-second']}", expected more than 0`);
  return { seconds, rounds, perSecond, json: values.json };
}
