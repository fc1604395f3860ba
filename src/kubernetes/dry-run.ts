import { type Direction, labelsOf } from '../installation/direction.ts';
import { type Trial, trialObject } from '../installation/trial.ts';
import type { ApiClient } from './api-client.ts';

interface Labelled {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
}

/** A webhook may take 30 s, and there may be others: giving up earlier would look like an API server that does not answer. */
const TIMEOUT_MS = 40_000;

/** Creates an object with one label by server-side dry run. Never rejects: errors are part of the result. */
export async function performTrial(client: ApiClient, direction: Direction, namespace: string): Promise<Trial> {
  const started = performance.now();
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
  const request = { path, query: { dryRun: 'All' }, timeoutMs: TIMEOUT_MS };
  try {
    const { metadata } = await client.create<Labelled>(request, trialObject(direction));
    const { lacks } = labelsOf(direction);
    return { outcome: 'created', added: metadata.labels?.[lacks], ms: performance.now() - started };
  } catch (error) {
    return { outcome: 'refused', problem: error as Error };
  }
}
