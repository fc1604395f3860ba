import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { ReceivedAnswer } from '../../doctor/review-answer.ts';
import { calledBy } from '../../installation/called-name.ts';

export interface ReviewedAddress {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** The name or address that the API server calls. */
  readonly name: string;
  /** PEM: the only authorities to trust. */
  readonly ca: string;
}

/** A bit longer than the API server waits with the chart's defaults. */
const TIMEOUT_MS = 5_000;

/** Posts a review as the API server does, from this machine. Rejects with the error of the connection or of TLS. */
export async function directReview(
  { host, port, path, name, ca }: ReviewedAddress,
  review: object,
  timeoutMs = TIMEOUT_MS,
): Promise<ReceivedAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const sent = request({
      method: 'POST',
      host,
      port,
      path,
      headers: { 'content-type': 'application/json' },
      ca,
      ...calledBy(name),
      agent: false,
      signal,
    }).end(JSON.stringify(review));
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: Number(response.statusCode), body: await text(response) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    // If several addresses were tried, report the first one.
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}
