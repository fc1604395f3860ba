import type { Reason } from '../../src/admission/gateway.ts';
import type { RejectionCause } from '../../src/server/rejection.ts';

/** When a reason applies, and what the rule does. The type requires a row for each reason. */
export const REASON_MEANINGS: Readonly<Record<Reason, readonly [when: string, effect: string]>> = {
  'added-standard': ["Envoy Gateway's label is present, the standard label is missing", 'adds the standard label'],
  'added-owner': ["the standard label is present, Envoy Gateway's is missing", "adds Envoy Gateway's label"],
  complete: ['both labels are present and equal', 'nothing'],
  conflict: ['both labels are present and differ', 'nothing; the client gets a warning'],
  'no-gateway': ['neither label is present', 'nothing'],
  'invalid-value': [
    'the label that is present is empty, or not a valid label value',
    'nothing; the API server judges it',
  ],
  'not-managed': ['only the standard label is present, and `--reverse` excludes the object', 'nothing'],
  'mirror-pod': ['the Pod mirrors a static Pod (annotation `kubernetes.io/config.mirror`)', 'nothing'],
  'opted-out': ['the object has the label `gateway-name-webhook/ignore`, with any value', 'nothing'],
  deleting: ['the object is being deleted', 'nothing'],
};

/** Why a request or a connection was rejected without an admission response. */
export const CAUSE_MEANINGS: Readonly<Record<RejectionCause, string>> = {
  aborted: 'the client closed the connection before its request was complete',
  'body-too-large': 'the body is larger than 8 MiB (413)',
  'client-certificate': '`--client-ca` is set, and the client has no certificate from it (403)',
  'content-encoding': 'the body is compressed (415)',
  'content-length': 'the body does not match its `Content-Length` (400)',
  'content-type': 'the content type is not `application/json` (415)',
  'headers-too-large': 'the headers are larger than 16 KiB (431)',
  http: 'the request is not valid HTTP, or Fastify refused it (400)',
  internal: 'a bug: the log has the error (500)',
  json: 'the body is not valid JSON (400)',
  method: 'the method is not POST (405)',
  'not-found': 'the path is not `/mutate` (404)',
  review: 'the body is not an AdmissionReview of `admission.k8s.io/v1` (400)',
  timeout: 'the request did not arrive in time (408)',
  tls: 'the TLS handshake failed',
  url: 'the URL is not valid (400)',
  'utf-8': 'the body is not valid UTF-8 (400)',
};
