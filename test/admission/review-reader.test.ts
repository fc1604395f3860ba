import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { ReviewReader } from '../../src/admission/review-reader.ts';
import { plainReading } from '../support/plain-reading.ts';
import { RECORDED_REVIEWS, recorded } from '../support/reviews.ts';

const { standard, owner } = GATEWAY_LABELS;
const MOST_LEVELS = 131_072;

function read(body: string | Buffer) {
  const reader = new ReviewReader();
  const fault = reader.write(Buffer.from(body));
  return fault ? { fault } : reader.end();
}

/** Reads the body in chunks of one byte. The result must not depend on chunks. */
function readByBytes(body: string | Buffer) {
  const reader = new ReviewReader();
  for (const byte of Buffer.from(body)) {
    const fault = reader.write(Buffer.from([byte]));
    if (fault) return { fault };
  }
  return reader.end();
}

const review = (request: string) =>
  `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u",${request}}}`;
const labels = (text: string) => review(`"object":{"metadata":{"labels":{${text}}}}`);

describe('ReviewReader', () => {
  test('keeps only the fields that the webhook needs', () => {
    const { request } = read(JSON.stringify(recorded('envoy-serviceaccount.json')));
    expect(request).toEqual({
      uid: 'f9d50327-a074-47ac-952a-a4f68cd5228e',
      kind: { kind: 'ServiceAccount' },
      name: 'envoy-shop-eg-84fd7606',
      namespace: 'envoy-gateway-system',
      operation: 'CREATE',
      dryRun: false,
      object: {
        metadata: {
          name: 'envoy-shop-eg-84fd7606',
          labels: { 'app.kubernetes.io/managed-by': 'envoy-gateway', [owner]: 'eg' },
          annotations: {},
        },
      },
    });
  });

  test.for(RECORDED_REVIEWS)('reads %s for any chunks', (file) => {
    const body = Buffer.from(JSON.stringify(recorded(file)));
    expect(read(body)).toEqual(plainReading(body));
    expect(readByBytes(body)).toEqual(plainReading(body));
  });

  test.for([
    { name: 'a duplicate key: the last one counts', body: labels(`"${owner}":"a","${owner}":"b"`) },
    {
      name: 'a duplicate object, which replaces the first one',
      body: review(`"object":{"metadata":{"name":"a","labels":{"${owner}":"a"}}},"object":{"metadata":{"name":"b"}}`),
    },
    ...['null', '{}', '[]', '3', '""', 'false'].flatMap((again) => [
      {
        name: `duplicate labels: ${again}`,
        body: review(`"object":{"metadata":{"labels":{"${owner}":"a"},"labels":${again}}}`),
      },
      {
        name: `a duplicate object: ${again}`,
        body: review(`"object":{"metadata":{"labels":{"${owner}":"a"}}},"object":${again}`),
      },
      {
        name: `a duplicate request: ${again}`,
        body: review('"name":"a"').replace(/}$/, `,"request":${again}}`),
      },
    ]),
    { name: 'labels of another object', body: review(`"oldObject":{"metadata":{"labels":{"${owner}":"a"}}}`) },
    { name: 'labels in a list', body: review(`"object":[{"metadata":{"labels":{"${owner}":"a"}}}]`) },
    { name: 'labels one level too deep', body: review(`"object":{"metadata":{"x":{"labels":{"${owner}":"a"}}}}`) },
    { name: 'an escaped key', body: labels(`"\\u0067ateway.envoyproxy.io\\/owning-gateway-name":"a"`) },
    { name: 'a key with a trailing NUL', body: labels(`"${owner}\\u0000":"a"`) },
    { name: 'a key that starts like a known one', body: labels(`"${owner}s":"a","gateway":"b"`) },
    { name: 'a key that starts like a known one, 200 KB long', body: labels(`"${owner.repeat(5_000)}":"a"`) },
    {
      name: 'all kinds of escape sequences',
      body: labels(`"${owner}":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00"`),
    },
    { name: 'lone surrogates', body: labels(`"${owner}":"\\ud800","${standard}":"\\ude00\\ud83d"`) },
    { name: 'characters of one to four bytes', body: labels(`"${owner}":"aé€😀\u007f"`) },
    { name: 'a byte order mark in a string', body: labels(`"${owner}":"\ufeffa"`) },
    { name: '__proto__', body: labels(`"__proto__":{"${owner}":"a"},"constructor":{}`) },
    {
      name: 'numbers in every notation',
      body: review('"x":[0,-0,10,-1.5,1e400,1E+2,2.5e-10,123456789012345678901234567890]'),
    },
    {
      name: 'white space everywhere',
      body: ' { "apiVersion"\t:\n"admission.k8s.io/v1"\r,"kind" : "AdmissionReview" , "request" : { "uid" : "u" , "x" : [ ] , "y" : { } } }\n',
    },
    { name: 'only a number', body: '-12.5e3' },
    { name: 'only a literal', body: 'true' },
    { name: 'only a string', body: '"x"' },
    { name: 'only a list', body: '[{}]' },
    { name: 'names above the maximum length', body: review(`"name":"${'n'.repeat(100_000)}"`) },
    {
      name: 'names above the maximum length, in escape sequences',
      body: review(`"name":"${'\\u006e'.repeat(1_000)}"`),
    },
    {
      name: 'a name truncated within an escape sequence',
      body: review(`"name":"${'n'.repeat(253)}${'\\u006e'.repeat(300)}"`),
    },
    { name: 'a name truncated within a character', body: review(`"name":"${'é'.repeat(900)}"`) },
    { name: 'a name truncated within a surrogate pair', body: review(`"name":"${'n'.repeat(253)}😀"`) },
    { name: 'a uid of the maximum length', body: review('"x":0').replace('"u"', `"${'u'.repeat(253)}"`) },
    { name: 'a uid above the maximum length', body: review('"x":0').replace('"u"', `"${'u'.repeat(254)}"`) },
    { name: 'a uid of 200 KB', body: review('"x":0').replace('"u"', `"${'u'.repeat(200_000)}"`) },
    { name: '100,000 levels of nesting', body: review(`"x":${'['.repeat(100_000)}${']'.repeat(100_000)}`) },
    {
      name: '100,000 levels of two kinds of nesting',
      body: review(`"x":${'[{"":'.repeat(50_000)}0${'}]'.repeat(50_000)}`),
    },
    { name: 'nesting closed in the wrong order', body: review(`"x":${'[{"":'.repeat(5_000)}0${']}'.repeat(5_000)}`) },
  ])('agrees with JSON.parse: $name', ({ body }) => {
    const expected = plainReading(Buffer.from(body));
    for (const result of [read(body), readByBytes(body)]) {
      if ('request' in expected) expect(result).toEqual(expected);
      else expect(result.fault?.kind).toBe(expected.refused === 'review' ? 'review' : 'json');
    }
  });

  test.for([
    { body: '', message: 'JSON at byte 0, where it ends: expected a value' },
    { body: ' ', message: 'JSON at byte 1, where it ends: expected a value' },
    { body: '\ufeff{}', message: 'JSON at byte 0: expected a value' },
    { body: 'x', message: 'JSON at byte 0: expected a value' },
    { body: '{}{}', message: 'JSON at byte 2: expected nothing more' },
    { body: '{} x', message: 'JSON at byte 3: expected nothing more' },
    { body: '{', message: 'JSON at byte 1, where it ends: expected a key in quotes or "}"' },
    { body: '{x', message: 'JSON at byte 1: expected a key in quotes or "}"' },
    { body: '{"x":1,}', message: 'JSON at byte 7: expected a key in quotes' },
    { body: '{"x"}', message: 'JSON at byte 4: expected ":"' },
    { body: '{"x":}', message: 'JSON at byte 5: expected a value' },
    { body: '{"x":1]', message: 'JSON at byte 6: expected "," or "}"' },
    { body: '{"kind":1]', message: 'JSON at byte 9: expected "," or "}"' },
    { body: '{"x":{"y":1]}', message: 'JSON at byte 11: expected "," or "}"' },
    { body: '[1}', message: 'JSON at byte 2: expected "," or "]"' },
    { body: '[,', message: 'JSON at byte 1: expected a value or "]"' },
    { body: '[1,]', message: 'JSON at byte 3: expected a value' },
    { body: '01', message: 'JSON at byte 1: expected nothing more' },
    { body: '[-01]', message: 'JSON at byte 3: expected "," or "]"' },
    { body: '[-]', message: 'JSON at byte 2: expected a digit' },
    { body: '[1.]', message: 'JSON at byte 3: expected a digit' },
    { body: '[1e]', message: 'JSON at byte 3: expected a digit' },
    { body: '[1e+]', message: 'JSON at byte 4: expected a digit' },
    { body: '[+1]', message: 'JSON at byte 1: expected a value or "]"' },
    { body: '[.5]', message: 'JSON at byte 1: expected a value or "]"' },
    { body: '[tru]', message: 'JSON at byte 4: expected the rest of true, false or null' },
    { body: '[nulll]', message: 'JSON at byte 5: expected "," or "]"' },
    { body: '["\t"]', message: 'JSON at byte 2: expected the rest of a string, with control characters escaped' },
    { body: '["\\x"]', message: 'JSON at byte 3: expected one of "\\/bfnrtu after a backslash' },
    { body: '["\\u12"]', message: 'JSON at byte 6: expected four hexadecimal digits after \\u' },
    {
      body: '["x',
      message: 'JSON at byte 3, where it ends: expected the rest of a string, with control characters escaped',
    },
    { body: Buffer.from('5b22ff', 'hex'), message: 'UTF-8 at byte 2' },
    { body: Buffer.from('5b22c080', 'hex'), message: 'UTF-8 at byte 2' },
    { body: Buffer.from('5b22e08080', 'hex'), message: 'UTF-8 at byte 3' },
    { body: Buffer.from('5b22eda080', 'hex'), message: 'UTF-8 at byte 3' },
    { body: Buffer.from('5b22f0808080', 'hex'), message: 'UTF-8 at byte 3' },
    { body: Buffer.from('5b22f4908080', 'hex'), message: 'UTF-8 at byte 3' },
    { body: Buffer.from('5b22f5808080', 'hex'), message: 'UTF-8 at byte 2' },
    { body: Buffer.from('5b22e282', 'hex'), message: 'UTF-8 at byte 4, where it ends' },
    { body: Buffer.from('5b22e28222', 'hex'), message: 'UTF-8 at byte 4' },
    { body: Buffer.from('5bff', 'hex'), message: 'JSON at byte 1: expected a value or "]"' },
  ])('reports where and why $body is not JSON: $message', ({ body, message }) => {
    const kind = message.startsWith('JSON') ? 'json' : 'utf-8';
    expect(read(body)).toEqual({ fault: { kind, message: `the body is not valid ${message}` } });
    expect(readByBytes(body)).toEqual(read(body));
    expect(plainReading(Buffer.from(body))).toEqual({ refused: 'text' });
  });

  test('reports what is missing in a review', () => {
    expect(read('{"apiVersion":"v1","kind":"Pod"}').fault).toEqual({
      kind: 'review',
      message: 'apiVersion is "v1", expected "admission.k8s.io/v1"',
    });
  });

  test.for([
    { opening: '[', levels: 1 },
    { opening: '{"":', levels: 1 },
    { opening: '[{"":', levels: 2 },
  ])('accepts $levels × 131,072 levels of $opening, and rejects one more', ({ opening, levels }) => {
    const deepest = `${review('"x":').slice(0, -'}}'.length)}${opening.repeat(MOST_LEVELS / levels)}`;
    expect(read(deepest).fault?.message).toMatch(/, where it ends: expected a value/);
    const message = `the body is not valid JSON at byte ${deepest.length}: nested more than 131072 levels deep`;
    for (const oneMore of '[{') expect(read(deepest + oneMore).fault?.message).toBe(message);
  });
});
