import { inEvery, readBundle } from './ca.ts';
import { readSecretContent } from './ca-secret.ts';
import type { Observation, Registration, ServingState } from './observation.ts';
import type { StoredConfiguration, StoredSecret } from './trust-store.ts';

/** Since when each CA has been in the caBundle of every entry without interruption, by fingerprint. */
export type SeenSince = ReadonlyMap<string, number>;

export interface Reading {
  readonly secret: StoredSecret | undefined;
  readonly configuration: StoredConfiguration | undefined;
  readonly now: Date;
  /** In ms, by a monotonic clock. */
  readonly monotonicMs: number;
}

/** Turns a reading into the observation that decisions are based on. Pure. */
export function observe(
  { secret, configuration, now, monotonicMs }: Reading,
  serving: ServingState | undefined,
  seenBefore: SeenSince,
): { readonly observation: Observation; readonly seenSince: SeenSince } {
  const entries = configuration?.entries.map((entry) => ({ ...entry, cas: readBundle(entry.caBundle) })) ?? [];
  const seenSince = stillSeen(entries, seenBefore, monotonicMs);
  const observation: Observation = {
    secret: secret && { resourceVersion: secret.resourceVersion, ...readSecretContent(secret.content, now) },
    configuration: configuration && { resourceVersion: configuration.resourceVersion, entries },
    serving,
    seenForMs: new Map([...seenSince].map(([fingerprint, since]) => [fingerprint, monotonicMs - since])),
    now,
  };
  return { observation, seenSince };
}

/** Also pure, and also used by the simulation of rotations. */
export function stillSeen(
  entries: readonly Pick<Registration, 'cas'>[],
  before: SeenSince,
  monotonicMs: number,
): SeenSince {
  const seen = inEvery(entries.map(({ cas }) => cas));
  return new Map(seen.map(({ fingerprint }) => [fingerprint, before.get(fingerprint) ?? monotonicMs]));
}
