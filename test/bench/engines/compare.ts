import { record } from '../results.ts';
import { ratios, type Spread, spread } from '../spread.ts';
import { type Column, table } from '../table.ts';

/** The engines of a cluster, as the results name them. */
export const ENGINES = ['none', 'policy', 'webhook', 'both'] as const;
export type EngineName = (typeof ENGINES)[number];

/** The cost of creating an object, with one engine in one round. */
export interface Cost {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly apiServerCpuMicroseconds: number | undefined;
  readonly webhookCpuMicroseconds: number | undefined;
  readonly cpuMicroseconds: number | undefined;
}

/** One kind of cost for all engines, and its ratios to the cost without an engine in the same rounds. */
interface EngineComparison {
  readonly figures: Readonly<Record<EngineName, Spread | undefined>>;
  readonly ratios: Readonly<Record<Exclude<EngineName, 'none'>, Spread | undefined>>;
}

export type EngineResults = Readonly<Record<keyof Cost, EngineComparison>>;

const COSTS = ['p50Ms', 'p99Ms', 'apiServerCpuMicroseconds', 'webhookCpuMicroseconds', 'cpuMicroseconds'] as const;

/** Compares the measurements of the engines, round by round. */
export function compareEngines(rounds: Readonly<Record<EngineName, readonly Cost[]>>): EngineResults {
  return record(COSTS, (cost) => {
    const figures = (engine: EngineName) => rounds[engine].map((round) => round[cost]);
    return {
      figures: record(ENGINES, (engine) => spread(figures(engine))),
      ratios: record(['policy', 'webhook', 'both'], (engine) => ratios(figures(engine), figures('none'))),
    };
  });
}

export function reportEngines(title: string, results: EngineResults): string {
  const columns: readonly Column[] = [
    { heading: 'p50 ms', comparison: results.p50Ms },
    { heading: 'p99 ms', comparison: results.p99Ms },
    { heading: 'API server CPU µs', comparison: results.apiServerCpuMicroseconds },
    { heading: 'webhook CPU µs', comparison: { ...results.webhookCpuMicroseconds, ratios: {} } },
    { heading: 'total CPU µs', comparison: results.cpuMicroseconds },
  ];
  return table(title, columns, (engine) => `${engine} ÷ none`);
}
