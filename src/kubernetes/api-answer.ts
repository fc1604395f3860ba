import { ApiError } from './api-error.ts';

/** Whatever is between here and the API server may answer with a whole page. */
const MOST_CHARACTERS = 200;

/** An HTTP answer, all of which has come. */
export interface ApiAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** What is read of a meta/v1 Status. */
interface Status {
  readonly message?: unknown;
  readonly reason?: string;
  readonly metadata?: { readonly continue?: string };
}

/** The object that the API server answers a call (`GET /path`) with. Throws an ApiError when it refuses, or it is none. */
export function answeredObject(call: string, answer: ApiAnswer): object {
  const { status, body } = answer;
  const object = parsed(answeredText(call, answer));
  if (object) return object;
  throw new ApiError(`The API server did not answer ${call} with an object: ${shown(body)}`, status);
}

/** The text that the API server answers a call with. Throws an ApiError when it refuses. */
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

/** Undefined for whatever came from something in between. */
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

/** Of a Retry-After header (RFC 9110, section 10.2.3): seconds, or a date. Undefined when it is neither. */
function milliseconds(retryAfter: string): number | undefined {
  if (/^\d+$/.test(retryAfter)) return Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
