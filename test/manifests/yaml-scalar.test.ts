import { describe, expect, test } from 'vitest';
import { isScalar, parseDocument } from 'yaml';
import { scalarValue } from '../../src/manifests/yaml-scalar.ts';
import scalars from '../fixtures/kubectl/scalars.json' with { type: 'json' };

function read(text: string) {
  const { contents } = parseDocument(text, { schema: 'failsafe', logLevel: 'silent' });
  if (!isScalar(contents)) throw new Error(`${text} is not a scalar`);
  return scalarValue(contents);
}

describe('scalarValue()', () => {
  test.for(scalars.strings)('returns a string for a scalar that kubectl reads as a string: %s', (text) => {
    expect(read(text)).toBe(text);
  });

  test.for(scalars.others)('returns no string for a scalar that kubectl does not read as a string: %s', (text) => {
    expect(typeof read(text)).not.toBe('string');
  });

  test.for([
    ['yes', true],
    ['Off', false],
    ['~', null],
    ['0x10', 16],
    ['0400', 256],
    ['-010', -8],
    ['0899', 899],
    ['1_000', 1000],
    ['.5', 0.5],
    ['.inf', Number.POSITIVE_INFINITY],
    ['"yes"', 'yes'],
    ["'1'", '1'],
    ['!!str 5', '5'],
    ['! 5', '5'],
    ['!x yes', 'yes'],
    ['!!int "5"', 5],
    ['!!binary ZWc=', 'eg'],
    ['!!timestamp "2001-01-01"', '2001-01-01'],
  ] as const)('returns %s as %s', ([text, value]) => {
    expect(read(text)).toBe(value);
  });
});
