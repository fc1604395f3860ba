import type { CA, CACertificate } from './ca.ts';

/** The serving certificate of a replica, as far as rotation needs it. */
export interface ServingState {
  readonly ca: CACertificate;
  readonly notAfter: Date;
  readonly renewAt: Date;
}

/** The Secret, as it was read. */
export interface ObservedSecret {
  readonly resourceVersion: string;
  readonly cas: readonly CA[];
  /** Why something in it could not be used. */
  readonly refused: readonly string[];
}

/** The MutatingWebhookConfiguration, as it was read. */
export interface ObservedConfiguration {
  readonly resourceVersion: string;
  readonly entries: readonly Registration[];
}

/** One entry of the configuration. */
export interface Registration {
  readonly name: string;
  readonly caBundle: string;
  /** The CAs of this program in it. */
  readonly cas: readonly CACertificate[];
}

/** Everything that a decision depends on. */
export interface Observation {
  /** Undefined when there is no such Secret. */
  readonly secret: ObservedSecret | undefined;
  /** Undefined when there is no such configuration. */
  readonly configuration: ObservedConfiguration | undefined;
  /** What this replica serves; undefined when it has no serving certificate yet. */
  readonly serving: ServingState | undefined;
  /** How long, in ms, this replica has seen each CA in the caBundle without interruption, by fingerprint. */
  readonly seenForMs: ReadonlyMap<string, number>;
  /** Read before the objects: lifetimes count from here, even if the replica is paused in between. */
  readonly now: Date;
}
