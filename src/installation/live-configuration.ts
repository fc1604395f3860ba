import type { WebhookEntry } from './sending.ts';

/** The webhook as it is configured now. */
export interface LiveConfiguration {
  /** RFC 3339, both. */
  readonly creationTimestamp: string;
  /** When what it sends was changed last, as far as that is on record. */
  readonly changedAt: string | undefined;
  readonly entries: readonly WebhookEntry[];
}
