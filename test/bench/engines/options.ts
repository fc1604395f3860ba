import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm run bench:engines -- [options]

Measures the cost of creating Pods with one of the labels: with no engine, the policy, the webhook and both, in turns. It starts
an API server and an etcd from KUBEBUILDER_ASSETS. Helm must be in that directory or in the PATH.

  --seconds <number>      how long to measure each engine in each round (default: 10)
  --rounds <number>       how many times to measure (default: 5)
  --per-second <number>   Pods to create per second, even if answers are slow (default: 100)
  --json <file>           where to write the results (default: engines-bench-results.json)
  --help
`;

export interface EngineOptions {
  readonly seconds: number;
  readonly rounds: number;
  readonly perSecond: number;
  readonly json: string;
}

/** Parses the arguments; undefined for --help. Throws if one is invalid. */
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
