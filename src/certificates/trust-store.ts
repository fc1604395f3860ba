/** The Secret of the CAs. */
export interface StoredSecret {
  readonly resourceVersion: string;
  /** Its text under `CA_SECRET_KEY`; undefined if there is none. */
  readonly content: string | undefined;
}

/** A MutatingWebhookConfiguration, as far as trust is concerned. */
export interface StoredConfiguration {
  readonly resourceVersion: string;
  readonly entries: readonly { readonly name: string; readonly caBundle: string }[];
  /** The label and annotations that mark an object as Helm's. */
  readonly helm: HelmOwnership;
}

export interface HelmOwnership {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * One Secret and one MutatingWebhookConfiguration. Writes apply to the version that was read: they reject with a `Conflict` if
 * it has changed since. Everything rejects if the API server cannot be reached.
 */
export interface TrustStore {
  /** Undefined when there is no such Secret. */
  readonly readSecret: () => Promise<StoredSecret | undefined>;
  /** Creates an empty Secret that Helm recognizes as its own; a Secret that exists by now stays as it is. */
  readonly createSecret: (helm: HelmOwnership) => Promise<void>;
  readonly writeSecret: (resourceVersion: string, content: string) => Promise<void>;
  /** Undefined when there is no such configuration. */
  readonly readConfiguration: () => Promise<StoredConfiguration | undefined>;
  /** Writes the caBundle of these entries, which must exist, and nothing else. */
  readonly writeBundle: (resourceVersion: string, entries: readonly string[], caBundle: string) => Promise<void>;
  /**
   * By how many ms this clock is ahead of the API server's (negative if behind), by the last answers to both reads; undefined if
   * neither has the time.
   */
  readonly clockAheadMs: () => number | undefined;
  /** Uses new connections from now on: if there are several API servers, another one may answer. */
  readonly reconnect: () => void;
}

/** The object has changed since it was read: read it again. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
}
