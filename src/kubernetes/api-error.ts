export interface Refusal {
  /** Kubernetes' reason, which distinguishes errors with the same code, such as `Expired`. */
  readonly reason?: string | undefined;
  /** For a list that expired between two pages: the token to continue with, from the current state. */
  readonly continueToken?: string | undefined;
  /** How long to wait before asking again, where the API server says so. */
  readonly retryAfterMs?: number | undefined;
}

/** A failed call: the API server's message (meta/v1 Status), or why there was no answer. */
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
 * Reports whether a write failed because a webhook that fails closed could not be called. That may last for hours, and only
 * affect some objects: retrying would keep all others waiting.
 */
export function isOfWebhook({ code, message }: ApiError): boolean {
  return code === 500 && message.includes('failed calling webhook');
}
