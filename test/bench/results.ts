import type { Cores } from './machine.ts';
import type { Start, Throughput } from './measure.ts';
import { ratios, type Spread, spread } from './spread.ts';
import { PLAIN_BODIES, type StrangersResult } from './strangers.ts';

/** The servers of the bench, as the results name them. */
export const SERVERS = ['gateway-name-webhook', 'node:https + JSON.parse', 'node:https'] as const;
export type ServerName = (typeof SERVERS)[number];

/** The webhook is compared with these. */
const YARDSTICKS = ['node:https + JSON.parse', 'node:https'] as const satisfies readonly ServerName[];
type YardstickName = (typeof YARDSTICKS)[number];

/** One measurement of all servers, and the ratios of the webhook to each yardstick. */
export interface Comparison {
  readonly figures: Readonly<Record<ServerName, Spread | undefined>>;
  readonly ratios: Readonly<Record<YardstickName, Spread | undefined>>;
}

export interface BodyResult {
  readonly title: string;
  readonly bytes: number;
  readonly connections: number;
  readonly comparisons: Readonly<Record<keyof Throughput, Comparison>>;
}

export type StartResult = Readonly<Record<keyof Start, Comparison>>;

export interface Results {
  readonly date: string;
  readonly node: string;
  readonly nodeOptions: string;
  readonly cpu: string;
  readonly cores: Cores;
  /** The average number of cores that other processes used during the run. */
  readonly coresUsedByOthers: number | undefined;
  readonly seconds: number;
  readonly rounds: number;
  readonly bodies: Readonly<Record<string, BodyResult>>;
  /** `self`: certificate mode `self`, without a compile cache. */
  readonly starts: Readonly<Record<'warmCache' | 'noCache' | 'self', StartResult>>;
  readonly burst: {
    readonly connections: number;
    readonly requests: number;
    readonly bytes: number;
    readonly peakRssMib: Comparison;
  };
  readonly strangers: readonly StrangersResult[];
  readonly aims: readonly Aim[];
}

/** A limit for one measurement. */
export interface Aim {
  readonly aim: string;
  readonly atMost: number;
  readonly unit: string;
  /** Undefined if it was not measured. */
  readonly figure: Spread | undefined;
}

/** The measurements of each server, one per round. */
export type Rounds<T> = Readonly<Record<ServerName, readonly T[]>>;

/** Compares one measurement of the servers. */
export function compare<T>(rounds: Rounds<T>, figure: (round: T) => number | undefined): Comparison {
  const figures = (server: ServerName) => rounds[server].map(figure);
  return {
    figures: record(SERVERS, (server) => spread(figures(server))),
    ratios: record(YARDSTICKS, (yardstick) => ratios(figures('gateway-name-webhook'), figures(yardstick))),
  };
}

/** Measures all of them in turns, in each round, so that a temporary disturbance affects all of them. */
export async function interleave<K extends string, T>(
  names: readonly K[],
  rounds: number,
  measure: (name: K) => Promise<T>,
): Promise<Readonly<Record<K, readonly T[]>>> {
  const results = record(names, (): T[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) results[name].push(await measure(name));
  }
  return results;
}

export function compareAll<K extends string>(
  rounds: Rounds<Readonly<Record<K, number | undefined>>>,
  keys: readonly K[],
): Readonly<Record<K, Comparison>> {
  return record(keys, (key) => compare(rounds, (round) => round[key]));
}

export function record<K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;
}

export function aimsOf({
  bodies,
  starts,
  burst,
  strangers,
}: Pick<Results, 'bodies' | 'starts' | 'burst' | 'strangers'>): readonly Aim[] {
  const pod = bodies['pod']?.comparisons;
  const json = 'node:https + JSON.parse';
  return [
    {
      aim: `Pod: CPU per request ÷ ${json}`,
      atMost: 0.9,
      unit: '×',
      figure: pod?.cpuMicrosecondsPerRequest.ratios[json],
    },
    { aim: `Pod: p99 ÷ ${json}`, atMost: 1.5, unit: '×', figure: pod?.p99Ms.ratios[json] },
    {
      aim: `ServiceAccount: CPU per request ÷ ${json}`,
      atMost: 1.2,
      unit: '×',
      figure: bodies['service-account']?.comparisons.cpuMicrosecondsPerRequest.ratios[json],
    },
    {
      aim: `peak RSS with ${burst.connections} concurrent reviews of 2 MB ÷ idle RSS`,
      atMost: 1.2,
      unit: '×',
      figure: of(
        burst.peakRssMib.figures['gateway-name-webhook'],
        starts.noCache.idleRssMib.figures['gateway-name-webhook'],
      ),
    },
    {
      aim: 'failed reviews while other clients misbehave',
      atMost: 0,
      unit: '',
      figure: spread([strangers.reduce((sum, { failed }) => sum + failed, 0)]),
    },
    {
      aim: 'peak RSS with bodies that cost the most memory ÷ plain bodies',
      atMost: 1.1,
      unit: '×',
      figure: bombsOfPlain(strangers),
    },
    {
      aim: 'cold start to the first answer ÷ node:https',
      atMost: 2.0,
      unit: '×',
      figure: starts.warmCache.firstAnswerMs.ratios['node:https'],
    },
    {
      aim: 'the same without a compile cache',
      atMost: 2.5,
      unit: '×',
      figure: starts.noCache.firstAnswerMs.ratios['node:https'],
    },
    {
      aim: 'idle RSS ÷ node:https',
      atMost: 1.25,
      unit: '×',
      figure: starts.noCache.idleRssMib.ratios['node:https'],
    },
    {
      aim: 'the same in the certificate mode self',
      atMost: 1.25,
      unit: '×',
      figure: starts.self.idleRssMib.ratios['node:https'],
    },
  ];
}

function of(figure: Spread | undefined, whole: Spread | undefined): Spread | undefined {
  return spread([figure && whole && figure.median / whole.median]);
}

function bombsOfPlain(strangers: readonly StrangersResult[]): Spread | undefined {
  const plain = strangers.find((result) => result.strangers === PLAIN_BODIES)?.peakRssMib;
  const bombs = strangers.filter(
    (result) => result.strangers.startsWith('4 bodies') && result.strangers !== PLAIN_BODIES,
  );
  return spread(bombs.map(({ peakRssMib }) => plain && peakRssMib && peakRssMib / plain));
}
