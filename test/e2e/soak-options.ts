import { parseArgs } from 'node:util';

/** How often to run each step, and under which load. */
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

Installs the webhook repeatedly in the cluster of KUBECONFIG, then restarts, deletes, rotates, kills and stops it under load.
Prints the missed objects as Markdown tables. Takes an hour.

  --installs <number>     (default: 20)
  --restarts <number>     rolling restarts (default: 10)
  --deletions <number>    Pod deletions (default: 10)
  --rotations <number>    rotations of the CA and all serving certificates (default: 3)
  --kills <number>        SIGKILLs of a process, each in a new Pod (default: 20)
  --hangs <number>        SIGSTOPs of a process, for 30 s each (default: 2)
  --replicas <number>     replicas in all steps except the installs (default: 2)
  --per-second <number>   objects created per second in all steps except the installs (default: 100)
`;

/** Reads the arguments. Returns undefined if the user asks for help. Throws if an argument is invalid. */
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
