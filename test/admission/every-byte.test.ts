import { describe, expect, test } from 'vitest';
import { ReviewReader } from '../../src/admission/review-reader.ts';
import { plainReading } from '../support/plain-reading.ts';

/** Texts that complete any prefix: after a valid byte, at least one of them makes the whole text valid. */
const ENDS = [
  '',
  '0',
  '"',
  ']',
  '}',
  '"]',
  '"}',
  '":0}',
  ':0}',
  '0]',
  '0}',
  '00"]',
  '000"]',
  '00"}',
  'rue]',
  'alse]',
  'ull]',
];

function refusesText(text: Buffer): boolean {
  const reader = new ReviewReader();
  const fault = reader.write(text) ?? reader.end().fault;
  return fault !== undefined && fault.kind !== 'review';
}

describe('ReviewReader accepts each byte exactly if JSON.parse does,', () => {
  test.for(
    [
      ...[
        '',
        ' ',
        '[',
        '[0',
        '[-',
        '[-0',
        '[1',
        '[12',
        '[1.',
        '[1.5',
        '[1e',
        '[1e+',
        '[1e5',
        '[0,',
        '[t',
        '[tr',
        '[tru',
        '[true',
      ],
      ...[
        '[f',
        '[fals',
        '[n',
        '[nul',
        '["',
        '["a',
        '["abcd',
        '["\\',
        '["\\u',
        '["\\u1',
        '["\\u12',
        '["\\u123',
        '["\\u1234',
        '["a"',
      ],
      ...[
        '{',
        '{"',
        '{"a',
        '{"\\',
        '{"a"',
        '{"a":',
        '{"a":0',
        '{"a":"',
        '{"a":[]',
        '{"a":{}',
        '{"a":0,',
        '{}',
        '[]',
        '0',
        '-',
        '"',
        '""',
      ],
      ...[
        '{"kind"',
        '{"kind":',
        '{"kind":0',
        '{"kind":"',
        '{"kind":"\\',
        '{"kind":""',
        '{"kind":0,',
        '{"kind":[',
        '{"request":{',
      ],
      ...[
        '{"request":{}',
        '{"request":{"uid',
        '{"x":{',
        '{"x":{"y"',
        '{"x":{"y":',
        '{"x":{"y":0',
        '{"x":{"y":0,',
        '[[',
        '[[]',
        '[{}',
      ],
    ].map((before) => ({ before })),
  )('after $before', ({ before }) => {
    for (let byte = 0; byte < 256; byte += 1) {
      for (const end of ENDS) {
        const text = Buffer.concat([Buffer.from(before), Buffer.from([byte]), Buffer.from(end)]);
        const reading = plainReading(text);
        const isRefused = 'refused' in reading && reading.refused === 'text';
        if (refusesText(text) !== isRefused) expect.fail(`${JSON.stringify(text.toString('latin1'))}: ${isRefused}`);
      }
    }
  });

  test('in a multi-byte character', () => {
    const seconds = Array.from({ length: 256 }, (_, byte) => byte);
    for (let first = 0x80; first < 256; first += 1) {
      for (const second of seconds) {
        for (const rest of [[], [0x80], [0xbf, 0x80], [0x80, 0x22], [0x7f], [0xc0]]) {
          const text = Buffer.from([0x22, first, second, ...rest, 0x22]);
          const reading = plainReading(text);
          const isRefused = 'refused' in reading && reading.refused === 'text';
          if (refusesText(text) !== isRefused) expect.fail(`${text.toString('hex')}: ${isRefused}`);
        }
      }
    }
  });
});
