import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ReviewReader } from '../../src/admission/review-reader.ts';
import { anyJson, chunked, damaged, reviewTexts } from '../support/json-texts.ts';
import { plainReading, type Reading } from '../support/plain-reading.ts';
import { RECORDED_REVIEWS, recordedPath } from '../support/reviews.ts';
import { runs } from '../support/runs.ts';

/** Reads chunks, and overwrites each one before the next. */
function readChunks(chunks: readonly Buffer[]): Reading {
  const reader = new ReviewReader();
  for (const chunk of chunks) {
    const copy = Buffer.from(chunk);
    const fault = reader.write(copy);
    if (fault) return { refused: 'text' };
    copy.fill('"');
  }
  const { request, fault } = reader.end();
  return fault ? { refused: fault.kind === 'review' ? 'review' : 'text' } : { request };
}

function agrees(texts: fc.Arbitrary<Buffer>, count: number): void {
  const chunks = texts.chain((bytes) => fc.tuple(fc.constant(bytes), chunked(bytes)));
  fc.assert(
    fc.property(chunks, ([bytes, parts]) => {
      expect(readChunks(parts)).toEqual(plainReading(bytes));
    }),
    { numRuns: runs(count) },
  );
}

const recordedTexts = RECORDED_REVIEWS.map((file) => readFileSync(recordedPath(file), 'utf8'));
const compactTexts = recordedTexts.map((text) => JSON.stringify(JSON.parse(text)));
const recorded = fc.constantFrom(...recordedTexts, ...compactTexts);
const bytes = (texts: fc.Arbitrary<string>) => texts.map((text) => Buffer.from(text));

describe('ReviewReader agrees with JSON.parse and plainReading() on', () => {
  test('generated reviews', () => agrees(bytes(reviewTexts), 125));
  test('generated reviews with random edits', () => agrees(damaged(reviewTexts), 250));
  test('generated JSON', () => agrees(bytes(anyJson), 250));
  test('generated JSON with random edits', () => agrees(damaged(anyJson), 1_000));
  test('recorded reviews', () => agrees(bytes(recorded), 50));
  test('recorded reviews with random edits', () => agrees(damaged(recorded), 250));

  test('enough valid, malformed and rejected texts to be meaningful', () => {
    const readings = fc.sample(fc.oneof(bytes(reviewTexts), damaged(reviewTexts)), 400).map(plainReading);
    const count = (isCounted: (reading: Reading) => boolean) => readings.filter(isCounted).length;
    expect(count((reading) => 'request' in reading)).toBeGreaterThan(10);
    expect(count((reading) => 'refused' in reading && reading.refused === 'text')).toBeGreaterThan(10);
    expect(count((reading) => 'refused' in reading && reading.refused === 'review')).toBeGreaterThan(10);
  });
});
