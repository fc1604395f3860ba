export interface Refusal {
  /** Why, in a word, by which Kubernetes tells refusals of one code apart: `Expired`, say. */
  readonly reason?: string | undefined;
  /** Of a list that expired between two pages: the token by which it goes on, as things are now. */
  readonly continueToken?: string | undefined;
  /** How long to wait before asking again, where the API server says so. */
  readonly retryAfterMs?: number | undefined;
}

/** What comes of a call that fails: what the API server says (meta/v1 Status), or why it was not asked. */
export class ApiError extends Error implements Refusal {
  override readonly name = 'ApiError';
  /** The HTTP status; undefined when there was no answer. */
  readonly code: number | undefined;
  readonly reason: string | undefined;
  readonly continueToken: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, code: number | undefined, options: ErrorOptions & Refusal = {}) {
    super(message, options);
    this.code = code;
    this.reason = options.reason;
    this.continueToken = options.continueToken;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * Tells whether a write failed as somebody's webhook could not be asked, and is registered to fail then. That may be so for
 * hours, and for some objects only: to try it again and again keeps all others waiting.
 */
export function isOfWebhook({ code, message }: ApiError): boolean {
  return code === 500 && message.includes('failed calling webhook');
}
