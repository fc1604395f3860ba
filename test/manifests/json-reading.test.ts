import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { readJson } from '../../src/manifests/json-reading.ts';

const { standard, owner } = GATEWAY_LABELS;
const ADDITION = { path: [], label: { key: standard, value: 'eg' } };

/** An object with labels and other members. */
const object = (labels: string, more: string) => `{"metadata":{"labels":{"${owner}":"eg"${labels}}},${more}}`;
const MORE = '"spec":{"a":[1,{"b":null}],"c":"d"}';
const ADDED = `,"${standard}":"eg"`;

describe('becomes() of JSON', () => {
  const reading = readJson(object('', MORE), 0);

  test('returns true for the added label', () => {
    expect(reading?.becomes(object(ADDED, MORE), [ADDITION])).toBe(true);
  });

  test.for([
    { name: 'invalid JSON', text: object(ADDED, MORE).slice(1) },
    { name: 'no label', text: object('', MORE) },
    { name: 'another value of the label', text: object(`,"${standard}":"x"`, MORE) },
    { name: 'another label', text: object(`${ADDED},"x":"y"`, MORE) },
    { name: 'another string', text: object(ADDED, MORE.replace('"d"', '"e"')) },
    { name: 'another number', text: object(ADDED, MORE.replace('1', '2')) },
    { name: 'another type', text: object(ADDED, MORE.replace('null', '{}')) },
    { name: 'a mapping for a list', text: object(ADDED, '"spec":{"a":{"0":1,"1":{"b":null}},"c":"d"}') },
    { name: 'a longer list', text: object(ADDED, MORE.replace('null}', 'null},2')) },
    { name: 'a missing member', text: object(ADDED, MORE.replace(',"c":"d"', '')) },
    { name: 'another key', text: object(ADDED, MORE.replace('"c"', '"x"')) },
    { name: 'another order', text: object(ADDED, '"spec":{"c":"d","a":[1,{"b":null}]}') },
    { name: 'a duplicate key', text: object(ADDED, `${MORE},"metadata":{}`) },
  ])('returns false for $name', ({ text }) => {
    expect(reading?.becomes(text, [ADDITION])).toBe(false);
  });

  test('returns false if the JSON is nested too deeply to be compared', () => {
    const deep = `"x":${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect(readJson(object('', deep), 0)?.becomes(object(ADDED, deep), [ADDITION])).toBe(false);
  });
});
