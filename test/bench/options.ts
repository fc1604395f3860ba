import { parseArgs } from 'node:util';
import { BENCH_REVIEWS, type BodyName } from './reviews.ts';

const BODY_NAMES = Object.keys(BENCH_REVIEWS) as BodyName[];

/** What `--help` prints. */
export const USAGE = `Usage: npm run bench -- [options]

Measures the webhook (dist/main.js) and two yardsticks, in turns, over loopback:
  node:https                a bare server that reads the body and answers a constant
  node:https + JSON.parse   the same with the rule: it answers what the webhook answers

  --seconds <number>       measured of each server, body and round (default: 2)
  --rounds <number>        (default: 5)
  --bodies <list>          of ${BODY_NAMES.join(', ')} (default: all)
  --node-options=<text>    for all servers, as NODE_OPTIONS takes them: --node-options=--max-semi-space-size=8
  --json <file>            where to write the results (default: bench-results.json)
  --help
`;

/** What a run is asked for. */
export interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly bodies: readonly BodyName[];
  readonly nodeOptions: string;
  readonly json: string;
}

/** Reads the arguments; undefined when only help is asked for. Throws when one is wrong. */
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
