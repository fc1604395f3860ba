/** What an API server has counted of an entry since it started. */
export interface AdmissionCounters {
  /** RFC 3339. */
  readonly since: string;
  readonly entries: readonly EntryCounters[];
}

export interface EntryCounters {
  readonly name: string;
  /** How often it went on without the webhook, as the call failed. */
  readonly failOpens: number;
  /** How often it called the webhook, by the HTTP status that it got. */
  readonly calls: Readonly<Record<string, number>>;
}

/** What one API server has counted of a policy since it started. */
export interface PolicyCounters {
  /** RFC 3339. */
  readonly since: string;
  /** By how they ended: `no_error`, or a kind of error. */
  readonly uses: Readonly<Record<string, number>>;
}
