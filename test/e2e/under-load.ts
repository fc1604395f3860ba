import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer } from './api-server.ts';
import { type Calls, watchCalls } from './calls.ts';
import { deleteAll, Load, type LoadReport } from './load.ts';
import type { Settings } from './settings.ts';

export interface UnderLoadOptions {
  readonly api: ApiServer;
  readonly settings: Settings;
  /** The namespace of the created objects. */
  readonly namespace: string;
  readonly perSecond: number;
}

export interface Outcome {
  readonly load: LoadReport;
  readonly calls: Calls;
  /** How long `act` took. */
  readonly seconds: number;
}

/** How long to create objects before and after a step, to see all its effects. */
const MARGIN_MS = 2_000;

/** Calls `act` while objects are created at a steady rate, and returns their results. */
export async function underLoad(
  { api, settings, namespace, perSecond }: UnderLoadOptions,
  act: () => Promise<unknown>,
): Promise<Outcome> {
  const callsSince = await watchCalls(api, settings);
  const load = new Load(api, namespace, perSecond);
  const startedAt = performance.now();
  try {
    await sleep(MARGIN_MS);
    await act();
    await sleep(MARGIN_MS);
  } finally {
    await load.stop();
  }
  const seconds = (performance.now() - startedAt - 2 * MARGIN_MS) / 1000;
  const outcome = { load: await load.stop(), calls: await callsSince(), seconds };
  await deleteAll(api, namespace);
  return outcome;
}

/** The failures: missed objects and failed calls. */
export function problemsOf({ load: { misses, errors }, calls }: Outcome) {
  return { misses, errors, ...calls };
}

export const NO_PROBLEMS = { misses: [], errors: [], failOpens: {}, failed: {}, causes: [] };
