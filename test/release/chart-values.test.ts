import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { withDigest } from '../../release/chart-values.ts';

const VALUES = readFileSync('charts/gateway-name-webhook/values.yaml', 'utf8');

describe('withDigest()', () => {
  test('sets the digest of the image, and changes nothing else', () => {
    const { image, ...others } = parse(VALUES);
    expect(parse(withDigest(VALUES, 'sha256:abc'))).toEqual({ image: { ...image, digest: 'sha256:abc' }, ...others });
  });

  test.for(['', 'image:\n  digest: "" # one\nother:\n  digest: "" # two\n'])(
    'throws unless there is exactly one digest',
    (values) => {
      expect(() => withDigest(values, 'sha256:abc')).toThrow("Cannot set the image's digest");
    },
  );
});
