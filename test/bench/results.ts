import type { Cores } from './machine.ts';
import type { Start, Throughput } from './measure.ts';
import { ratios, type Spread, spread } from './spread.ts';
import { PLAIN_BODIES, type StrangersResult } from './strangers.ts';

/** The servers of the bench, by the names they have in its results. */
export const SERVERS = ['gateway-name-webhook', 'node:https + JSON.parse', 'node:https'] as const;
export type ServerName = (typeof SERVERS)[number];

/** The webhook is compared with these. */
const YARDSTICKS = ['node:https + JSON.parse', 'node:https'] as const satisfies readonly ServerName[];
type YardstickName = (typeof YARDSTICKS)[number];

/** One thing measured of all servers: its figures summed up, and what the webhook's are of each yardstick's. */
export interface Comparison {
  readonly figures: Readonly<Record<ServerName, Spread | undefined>>;
  readonly ratios: Readonly<Record<YardstickName, Spread | undefined>>;
}

/** What was measured with one body. */
export interface BodyResult {
  readonly title: string;
  readonly bytes: number;
  readonly connections: number;
  readonly comparisons: Readonly<Record<keyof Throughput, Comparison>>;
}

/** What was measured of starts. */
export type StartResult = Readonly<Record<keyof Start, Comparison>>;

/** Everything that one run of the bench has measured. */
export interface Results {
  readonly date: string;
  readonly node: string;
  readonly nodeOptions: string;
  readonly cpu: string;
  readonly cores: Cores;
  /** What other processes used of this machine meanwhile. */
  readonly coresUsedByOthers: number | undefined;
  readonly seconds: number;
  readonly rounds: number;
  readonly bodies: Readonly<Record<string, BodyResult>>;
  /** `self`: without a compile cache, in that certificate mode. */
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

/** A figure that the webhook should not exceed. */
export interface Aim {
  readonly aim: string;
  readonly atMost: number;
  readonly unit: string;
  /** Undefined where it was not measured. */
  readonly figure: Spread | undefined;
}

/** What was measured, round by round, of each server. */
export type Rounds<T> = Readonly<Record<ServerName, readonly T[]>>;

/** Compares the servers in one thing measured. */
export function compare<T>(rounds: Rounds<T>, figure: (round: T) => number | undefined): Comparison {
  const figures = (server: ServerName) => rounds[server].map(figure);
  return {
    figures: record(SERVERS, (server) => spread(figures(server))),
    ratios: record(YARDSTICKS, (yardstick) => ratios(figures('gateway-name-webhook'), figures(yardstick))),
  };
}

/** Measures all in turns, and that so many times: what disturbs the machine for a while disturbs all of them. */
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

/** Compares the servers in several things measured. */
export function compareAll<K extends string>(
  rounds: Rounds<Readonly<Record<K, number | undefined>>>,
  keys: readonly K[],
): Readonly<Record<K, Comparison>> {
  return record(keys, (key) => compare(rounds, (round) => round[key]));
}

/** Builds an object with these keys. */
export function record<K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;
}

/** Holds results against what the webhook aims at. */
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
      aim: `Pod: CPU per request, of ${json}`,
      atMost: 0.9,
      unit: '×',
      figure: pod?.cpuMicrosecondsPerRequest.ratios[json],
    },
    { aim: `Pod: p99, of ${json}`, atMost: 1.5, unit: '×', figure: pod?.p99Ms.ratios[json] },
    {
      aim: `ServiceAccount: CPU per request, of ${json}`,
      atMost: 1.2,
      unit: '×',
      figure: bodies['service-account']?.comparisons.cpuMicrosecondsPerRequest.ratios[json],
    },
    {
      aim: `peak RSS with ${burst.connections} concurrent reviews of 2 MB, of idle RSS`,
      atMost: 1.2,
      unit: '×',
      figure: of(
        burst.peakRssMib.figures['gateway-name-webhook'],
        starts.noCache.idleRssMib.figures['gateway-name-webhook'],
      ),
    },
    {
      aim: 'reviews of others that fail, whatever strangers do',
      atMost: 0,
      unit: '',
      figure: spread([strangers.reduce((sum, { failed }) => sum + failed, 0)]),
    },
    {
      aim: 'peak RSS with bodies that are made to cost memory, of plain ones',
      atMost: 1.1,
      unit: '×',
      figure: bombsOfPlain(strangers),
    },
    {
      aim: 'cold start to the first answer, of node:https',
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
      aim: 'idle RSS, of node:https',
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

/** The median of one as a part of the other's. */
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
