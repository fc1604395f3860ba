import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { answer, head, startTestServer } from '../support/server.ts';

const JSON_TYPE = 'Content-Type: application/json';
const CLOSE = 'Connection: close';

/** A review whose object has a label and the given JSON. */
const review = (object = '"spec": {}', uid = 'u') =>
  `{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "${uid}", "object":
    {"metadata": {"labels": {"${GATEWAY_LABELS.owner}": "eg"}}, ${object}}}}`;

const sized = (body: string) => `${head(JSON_TYPE, CLOSE, `Content-Length: ${Buffer.byteLength(body)}`)}${body}`;

describe('the server', () => {
  test.for([
    { name: 'nesting 100,000 deep', body: review(`"spec": ${'['.repeat(100_000)}${']'.repeat(100_000)}`) },
    {
      name: 'numbers above 2^53',
      body: review('"spec": {"a": 123456789012345678901234567890, "b": 1e400, "c": -0.0}'),
    },
    { name: 'duplicate keys, of which the last one counts', body: review('"spec": {}', 'first", "uid": "u') },
    { name: '2 MB in a single string', body: review(`"spec": "${'x'.repeat(2_000_000)}"`) },
    { name: 'four-byte characters that are split between packets', body: review(`"spec": "${'😀'.repeat(50_000)}"`) },
  ])('answers a review with $name', async ({ body }) => {
    const { open, post } = await startTestServer();
    const socket = await open();
    socket.write(sized(body));
    const said = await answer(socket);
    expect(said).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(said).toMatch(/"uid":"u","allowed":true,"patchType":"JSONPatch"/);
    expect(await post(review())).toBe(200);
  });

  test('accepts a review in chunks without a length', async () => {
    const { open } = await startTestServer();
    const socket = await open();
    const body = review();
    socket.write(`${head(JSON_TYPE, CLOSE, 'Transfer-Encoding: chunked')}${body.length.toString(16)}\r\n${body}\r\n`);
    socket.write('0\r\n\r\n');
    expect(await answer(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n.*"patch"/s);
  });

  test.for([
    {
      name: 'a Content-Length above the limit',
      sent: head(JSON_TYPE, `Content-Length: ${8 * 1024 * 1024 + 1}`),
      status: '413 Payload Too Large',
    },
    {
      name: 'a Content-Length far above the limit',
      sent: head(JSON_TYPE, `Content-Length: ${100 * 1024 * 1024}`),
      status: '413 Payload Too Large',
    },
    { name: 'an invalid Content-Length', sent: head(JSON_TYPE, 'Content-Length: many'), status: '400 Bad Request' },
    {
      name: 'two different Content-Lengths',
      sent: head(JSON_TYPE, 'Content-Length: 2', 'Content-Length: 3'),
      status: '400 Bad Request',
    },
    {
      name: 'a Content-Length and chunks',
      sent: `${head(JSON_TYPE, 'Content-Length: 2', 'Transfer-Encoding: chunked')}2\r\n{}\r\n0\r\n\r\n`,
      status: '400 Bad Request',
    },
    {
      name: 'a Content-Length shorter than the body',
      sent: `${head(JSON_TYPE, 'Content-Length: 5')}${review()}`,
      status: '400 Bad Request',
    },
    { name: 'a request that is not HTTP', sent: 'hello\r\n\r\n', status: '400 Bad Request' },
    {
      name: 'endless headers',
      sent: `POST /mutate HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`,
      status: '431 Request Header Fields Too Large',
    },
    {
      name: 'a request without Host',
      sent: 'POST /mutate HTTP/1.1\r\n\r\n',
      status: '400 Bad Request',
      isNodesOwn: true,
    },
  ])('rejects $name, and accepts the next connection', async ({ sent, status, isNodesOwn }) => {
    const { open, post, samples } = await startTestServer();
    const socket = await open();
    socket.write(sent);
    const said = await answer(socket);
    expect(said).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\n`));
    expect(said).toMatch(/\r\nconnection: close\r\n/i);
    expect(said).not.toMatch(/\r\nretry-after:/i);
    expect(await post(review())).toBe(200);
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toEqual(
      isNodesOwn ? [] : [expect.stringMatching(/^\{cause="[a-z0-9-]+"\} 1$/)],
    );
  });

  test('stops reading an endless body at the limit', async () => {
    const { open, post, lines } = await startTestServer({ requestTimeoutMs: 60_000 });
    const socket = await open();
    const said = answer(socket);
    // On a busy machine, 8 MiB may take longer than this timeout.
    socket.write(head(JSON_TYPE, 'Transfer-Encoding: chunked').replace('?timeout=2s', ''));
    const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
    let sentBytes = 0;
    while (!socket.destroyed && !socket.readableEnded) {
      sentBytes += chunk.length;
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), said]);
    }
    expect(lines).toContainEqual(expect.objectContaining({ statusCode: 413, msg: 'refused a request' }));
    expect(sentBytes).toBeGreaterThan(8 * 1024 * 1024);
    expect(await post(review())).toBe(200);
  });

  test('discards a partial body if the client disconnects', async () => {
    const { app, open, post, lines, samples } = await startTestServer();
    const socket = await open();
    const requested = once(app.server, 'request');
    socket.write(`${head(JSON_TYPE, 'Content-Length: 1000')}{"half":`);
    await requested;
    socket.destroy();
    await expect.poll(() => samples('gateway_name_webhook_rejected_requests_total')).toEqual(['{cause="aborted"} 1']);
    expect(lines).toMatchObject([{ msg: 'refused a connection', code: 'HPE_INVALID_EOF_STATE' }]);
    expect(await post(review())).toBe(200);
  });

  test.for([
    { name: 'body', sent: `${head(JSON_TYPE, 'Content-Length: 1000')}{` },
    { name: 'head', sent: 'POST /mutate HTTP/1.1\r\nHost: localhost\r\n' },
  ])('times out if a client sends its $name too slowly', async ({ sent }) => {
    const { open, post, samples } = await startTestServer({ requestTimeoutMs: 150 });
    const socket = await open();
    socket.write(sent);
    const said = await answer(socket);
    expect(said).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n.*"kind":"Status".*"code":408/s);
    expect(await samples('gateway_name_webhook_rejected_requests_total')).toContain('{cause="timeout"} 1');
    expect(await post(review())).toBe(200);
  });
});
