import { parseArgs } from 'node:util';
import { BENCH_REVIEWS, type BodyName } from './reviews.ts';

const BODY_NAMES = Object.keys(BENCH_REVIEWS) as BodyName[];

export const USAGE = `Usage: npm run bench -- [options]

Measures the webhook (dist/main.js) and two yardsticks, in turns, over loopback:
  node:https                a bare server that reads the body and returns a constant answer
  node:https + JSON.parse   the same, but it parses the body and applies the rule: it returns the webhook's answers

  --seconds <number>       how long to measure each server with each body in each round (default: 2)
  --rounds <number>        how many times to measure (default: 5)
  --bodies <list>          some of ${BODY_NAMES.join(', ')} (default: all)
  --node-options=<text>    NODE_OPTIONS for all servers: --node-options=--max-semi-space-size=8
  --json <file>            where to write the results (default: bench-results.json)
  --help
`;

export interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly bodies: readonly BodyName[];
  readonly nodeOptions: string;
  readonly json: string;
}

/** Parses the arguments; undefined for --help. Throws if one is invalid. */
export function parseOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '5' },
      bodies: { type: 'string', default: BODY_NAMES.join(',') },
      'node-options': { type: 'string', default: '' },
      json: { type: 'string', default: 'bench-results.json' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const seconds = Number(values.seconds);
  const rounds = Number(values.rounds);
  const bodies = values.bodies.split(',');
  const isBodyName = (name: string): name is BodyName => Object.hasOwn(BENCH_REVIEWS, name);
  if (!(seconds > 0)) throw new Error(`--seconds is "${values.seconds}", expected more than 0`);
  if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error(`--rounds is "${values.rounds}", expected 1 or more`);
  if (!bodies.every(isBodyName)) throw new Error(`--bodies is "${values.bodies}", expected ${BODY_NAMES.join(', ')}`);
  return { seconds, rounds, bodies, nodeOptions: values['node-options'], json: values.json };
}
