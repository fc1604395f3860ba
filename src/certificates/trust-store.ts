/** The Secret of the CAs. */
export interface StoredSecret {
  readonly resourceVersion: string;
  /** Its text under `CA_SECRET_KEY`; undefined where there is none. */
  readonly content: string | undefined;
}

/** A MutatingWebhookConfiguration, as far as trust is concerned. */
export interface StoredConfiguration {
  readonly resourceVersion: string;
  readonly entries: readonly { readonly name: string; readonly caBundle: string }[];
  /** The label and annotations by which Helm knows what is its own. */
  readonly helm: HelmOwnership;
}

export interface HelmOwnership {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * The two objects that hold the trust: one Secret, one MutatingWebhookConfiguration. Writes are for what has been read:
 * they reject with a `Conflict` when it has changed since. Everything rejects when the API server cannot be asked.
 */
export interface TrustStore {
  /** Undefined when there is no such Secret. */
  readonly readSecret: () => Promise<StoredSecret | undefined>;
  /** Makes an empty Secret that Helm takes for its own; one that has been made meanwhile stays as it is. */
  readonly createSecret: (helm: HelmOwnership) => Promise<void>;
  readonly writeSecret: (resourceVersion: string, content: string) => Promise<void>;
  /** Undefined when there is no such configuration. */
  readonly readConfiguration: () => Promise<StoredConfiguration | undefined>;
  /** Writes the caBundle of these entries, which must exist, and nothing else. */
  readonly writeBundle: (resourceVersion: string, entries: readonly string[], caBundle: string) => Promise<void>;
  /**
   * By how many ms this clock is ahead of the API server's, negative when it is behind, as the last answers to both reads
   * have it; undefined when neither says.
   */
  readonly clockAheadMs: () => number | undefined;
  /** Reads by new connections from here on: where there are several API servers, another one may answer. */
  readonly reconnect: () => void;
}

/** What was to be written has changed since it was read: read it again. */
export class Conflict extends Error {
  override readonly name = 'Conflict';
}
