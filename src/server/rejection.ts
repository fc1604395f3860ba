/** Why a request got no admission response: the values of the `cause` label, and what Fastify or Node call it. */
const CAUSES = {
  FST_ERR_BAD_URL: 'url',
  BODY_TOO_LARGE: 'body-too-large',
  CONTENT_ENCODING: 'content-encoding',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'content-length',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'content-type',
  INVALID_REVIEW: 'review',
  INVALID_JSON: 'json',
  INVALID_UTF8: 'utf-8',
  CLIENT_CERTIFICATE: 'client-certificate',
  METHOD_NOT_ALLOWED: 'method',
  NOT_FOUND: 'not-found',
  ECONNRESET: 'aborted',
  EPIPE: 'aborted',
  HPE_INVALID_EOF_STATE: 'aborted',
  ERR_HTTP_REQUEST_TIMEOUT: 'timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
} as const;

export type RejectionCause = (typeof CAUSES)[keyof typeof CAUSES] | 'http' | 'tls' | 'internal';

/** An error with the details for an HTTP answer. */
export interface HttpError extends Error {
  readonly statusCode?: number;
  readonly code?: string;
}

/** Makes an error for a request that cannot be answered as asked. */
export function rejection(statusCode: number, code: keyof typeof CAUSES, message: string): HttpError {
  return Object.assign(new Error(message), { statusCode, code });
}

/** Returns the cause that metrics have for an error; `fallback` for other errors. */
export function rejectionCause({ code }: HttpError, fallback: 'http' | 'internal'): RejectionCause {
  return CAUSES[code as keyof typeof CAUSES] ?? fallback;
}

/** Replaces messages of Fastify that do not say what was expected. */
const REASONS: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'expected content-type application/json',
};

/** Says what is wrong with a request; details of internal errors are not sent to clients. */
export function rejectionReason({ statusCode, code, message }: HttpError): string {
  if (statusCode === undefined || statusCode >= 500) return 'internal error';
  return REASONS[String(code)] ?? message;
}

/**
 * Formats a failure as a `Status` (Kubernetes `meta/v1`): the API server quotes its message to the user. Anything else
 * becomes `an error on the server ("unknown") has prevented the request from succeeding`.
 */
export function failure(code: number, message: string) {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code } as const;
}
