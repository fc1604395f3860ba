import { isDeepStrictEqual } from 'node:util';
import { CLIENT_CERTIFICATE_REQUIRED } from '../admission/client-certificate.ts';
import { addLabel } from '../admission/patch.ts';
import { isRecord } from '../admission/review.ts';
import { type Direction, labelsOf } from '../installation/direction.ts';
import { TRIAL_GATEWAY } from '../installation/trial.ts';
import type { Fault } from './check.ts';
import { faultInText } from './fault.ts';

/** An HTTP answer from any server. */
export interface ReceivedAnswer {
  readonly status: number;
  readonly body: string;
}

/** What is wrong with an answer to the review of a trial. */
export interface AnswerFault {
  readonly fault: Fault;
  readonly text: string;
}

/** An answer may be a whole HTML page. */
const MOST_CHARACTERS = 120;

/** The review of a trial, and how it was sent. */
export interface SentReview {
  readonly direction: Direction;
  readonly uid: string;
  /** Whether the API server proxies it: then the answer may be its own, and say why it did not reach the webhook. */
  readonly isProxied: boolean;
}

/** Reports whether an answer is that of a webhook that serves only clients with a certificate. */
export function wantsCertificate({ status, body }: ReceivedAnswer): boolean {
  return status === 403 && String(parsed(body)?.['message']).startsWith(CLIENT_CERTIFICATE_REQUIRED);
}

/** Says what is wrong with the answer to the review of a trial; undefined if it is correct. */
export function answerFault(
  answer: ReceivedAnswer,
  { direction, uid, isProxied }: SentReview,
): AnswerFault | undefined {
  const { status, body } = answer;
  const object = parsed(body);
  if (isProxied && status >= 400 && object?.['kind'] === 'Status') {
    const message = String(object['message']);
    // Other codes concern the way to the webhook, including 404: no such Service.
    const fault = status === 401 || status === 403 ? 'forbidden' : faultInText(message);
    return { fault, text: message };
  }
  const why = wrongness(status, object, direction, uid);
  if (why === undefined) return undefined;
  const shown = body.trim().slice(0, MOST_CHARACTERS);
  return { fault: 'wrong-answer', text: `${why}${shown === '' ? '' : `: ${shown}`}` };
}

function wrongness(
  status: number,
  object: Readonly<Record<string, unknown>> | undefined,
  direction: Direction,
  uid: string,
): string | undefined {
  if (status < 200 || status > 206) return `HTTP status ${status}`;
  if (!object) return 'not a JSON object';
  const { apiVersion, kind, response } = object;
  if (apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview' || !isRecord(response)) {
    return 'not an AdmissionReview with a response';
  }
  if (response['uid'] !== uid) return 'a response to another request';
  if (response['allowed'] !== true) return 'a response that does not allow the object';
  const { lacks } = labelsOf(direction);
  const expected = addLabel({ key: lacks, value: TRIAL_GATEWAY });
  const isPatched = response['patchType'] === 'JSONPatch' && isDeepStrictEqual(patchOf(response['patch']), expected);
  return isPatched ? undefined : 'a response that does not add the label';
}

function patchOf(patch: unknown): unknown {
  try {
    return JSON.parse(Buffer.from(String(patch), 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

function parsed(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
