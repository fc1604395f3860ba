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
  /** The name, or address, by which the API server calls. */
  readonly name: string;
  /** PEM: the only authorities to trust. */
  readonly ca: string;
}

/** As long as the API server waits by default in the chart, and a bit more. */
const TIMEOUT_MS = 5_000;

/** Posts a review as the API server does, from this machine. Rejects with the connection's or the TLS client's error. */
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
    // Of several addresses that were tried, the first says enough.
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}
