import { observe } from './observe.ts';
import type { ObservedConfiguration, ObservedSecret } from './rotation.ts';
import type { TrustStore } from './trust-store.ts';

/** Both objects of the trust, as they were read at a time. */
export interface TrustReading {
  readonly secret: ObservedSecret;
  readonly configuration: ObservedConfiguration;
  readonly now: Date;
}

/** Reads Secret and configuration for one who looks from outside. Rejects when one of them does not exist. */
export async function readTrust(store: TrustStore): Promise<TrustReading> {
  const startedAt = Date.now();
  const [stored, registered] = await Promise.all([store.readSecret(), store.readConfiguration()]);
  // By the API server's clock: this may be any machine, and what is written by this time is for the replicas.
  const now = new Date(startedAt - (store.clockAheadMs() ?? 0));
  const reading = { secret: stored, configuration: registered, now, monotonicMs: 0 };
  const { secret, configuration } = observe(reading, undefined, new Map()).observation;
  if (!configuration) throw new Error('MutatingWebhookConfiguration not found: set --webhook-configuration');
  if (!secret) throw new Error('CA Secret not found: set --ca-secret (only certificate mode self has one)');
  return { secret, configuration, now };
}
