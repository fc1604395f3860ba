/** Counts for entries since an API server started. */
export interface AdmissionCounters {
  /** RFC 3339. */
  readonly since: string;
  readonly entries: readonly EntryCounters[];
}

export interface EntryCounters {
  readonly name: string;
  /** How often it failed open: continued without the webhook after a failed call. */
  readonly failOpens: number;
  /** Calls of the webhook, by the HTTP status that the API server got. */
  readonly calls: Readonly<Record<string, number>>;
}

/** Counts for a policy since an API server started. */
export interface PolicyCounters {
  /** RFC 3339. */
  readonly since: string;
  /** Uses by outcome: `no_error`, or the kind of error. */
  readonly uses: Readonly<Record<string, number>>;
}
