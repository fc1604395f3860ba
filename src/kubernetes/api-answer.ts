import { ApiError } from './api-error.ts';

/** Something on the way to the API server may answer with a whole HTML page. */
const MOST_CHARACTERS = 200;

/** A complete HTTP answer. */
export interface ApiAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** The fields of a meta/v1 Status that are read. */
interface Status {
  readonly message?: unknown;
  readonly reason?: string;
  readonly metadata?: { readonly continue?: string };
}

/** The object in the answer to a call (`GET /path`). Throws an ApiError if the call was refused, or it is not an object. */
export function answeredObject(call: string, answer: ApiAnswer): object {
  const { status, body } = answer;
  const object = parsed(answeredText(call, answer));
  if (object) return object;
  throw new ApiError(`The API server did not answer ${call} with an object: ${shown(body)}`, status);
}

/** The text in the answer to a call. Throws an ApiError if the call was refused. */
export function answeredText(call: string, { status, retryAfter, body }: ApiAnswer): string {
  if (status >= 200 && status <= 299) return body;
  const { message, reason, metadata }: Status = parsed(body) ?? {};
  const why = typeof message === 'string' ? message : `HTTP status ${status} ${shown(body)}`.trim();
  throw new ApiError(`The API server refused ${call}: ${why}`, status, {
    reason,
    continueToken: metadata?.continue,
    retryAfterMs: retryAfter === undefined ? undefined : milliseconds(retryAfter),
  });
}

/** Undefined if it is not JSON, for instance from a proxy. */
function parsed(body: string): object | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function shown(body: string): string {
  return body.slice(0, MOST_CHARACTERS);
}

/** Parses a Retry-After header (RFC 9110, section 10.2.3): seconds, or a date. Undefined if it is neither. */
function milliseconds(retryAfter: string): number | undefined {
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
