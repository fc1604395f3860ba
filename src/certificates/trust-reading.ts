import type { ObservedConfiguration, ObservedSecret } from './observation.ts';
import { observe } from './observe.ts';
import type { TrustStore } from './trust-store.ts';

/** Secret and configuration, as they were read together. */
export interface TrustReading {
  readonly secret: ObservedSecret;
  readonly configuration: ObservedConfiguration;
  readonly now: Date;
}

const NO_SECRET =
  'CA Secret not found. In certificate mode self, the replicas create it within 15 s: try again. Other modes have none. ' +
  'If it has another name, set --ca-secret';

/** Reads Secret and configuration for a command. Rejects if one of them does not exist. */
export async function readTrust(store: TrustStore): Promise<TrustReading> {
  const startedAt = Date.now();
  const [stored, registered] = await Promise.all([store.readSecret(), store.readConfiguration()]);
  // By the API server's clock: this machine's may be wrong, and replicas compare the timestamps that are written.
  const now = new Date(startedAt - (store.clockAheadMs() ?? 0));
  const reading = { secret: stored, configuration: registered, now, monotonicMs: 0 };
  const { secret, configuration } = observe(reading, undefined, new Map()).observation;
  if (!configuration) throw new Error('MutatingWebhookConfiguration not found: set --webhook-configuration');
  if (!secret) throw new Error(NO_SECRET);
  return { secret, configuration, now };
}
