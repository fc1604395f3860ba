import { parseArgs } from 'node:util';

/** How often to do what, and under which load. */
export interface SoakOptions {
  readonly installs: number;
  readonly restarts: number;
  readonly deletions: number;
  readonly rotations: number;
  readonly kills: number;
  readonly hangs: number;
  readonly replicas: number;
  readonly perSecond: number;
}

export const USAGE = `Usage: npm run soak -- [options]

Installs the webhook over and over in the cluster of KUBECONFIG, then restarts, deletes, rotates, kills and stops it under load.
Prints what was missed, as Markdown. Takes an hour.

  --installs <number>     (default: 20)
  --restarts <number>     rolling restarts (default: 10)
  --deletions <number>    of a Pod (default: 10)
  --rotations <number>    of the CA and all serving certificates (default: 3)
  --kills <number>        of the process in a Pod, each in a new one (default: 20)
  --hangs <number>        of the process in a Pod, for 30 s (default: 2)
  --replicas <number>     for all but the installs (default: 2)
  --per-second <number>   objects created in all but the installs (default: 100)
`;

/** Reads the arguments; undefined when only help is asked for. Throws when one is wrong. */
export function parseSoakOptions(args: string[]): SoakOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      installs: { type: 'string', default: '20' },
      restarts: { type: 'string', default: '10' },
      deletions: { type: 'string', default: '10' },
      rotations: { type: 'string', default: '3' },
      kills: { type: 'string', default: '20' },
      hangs: { type: 'string', default: '2' },
      replicas: { type: 'string', default: '2' },
      'per-second': { type: 'string', default: '100' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    installs: count('installs', values.installs),
    restarts: count('restarts', values.restarts),
    deletions: count('deletions', values.deletions),
    rotations: count('rotations', values.rotations),
    kills: count('kills', values.kills),
    hangs: count('hangs', values.hangs),
    replicas: count('replicas', values.replicas),
    perSecond: count('per-second', values['per-second']),
  };
}

function count(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} is "${text}", expected a whole number`);
  return Number(text);
}
