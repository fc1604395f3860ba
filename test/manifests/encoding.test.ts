import { describe, expect, test } from 'vitest';
import { openEncoded } from '../../src/manifests/encoding.ts';
import { chunks } from '../support/reviewed-text.ts';

async function open(bytes: Uint8Array, ...cuts: number[]) {
  const { encoding, mark, chunks: raw, incomplete } = await openEncoded(chunks(bytes, cuts));
  const whole = (await Array.fromAsync(raw)).join('');
  return { encoding, mark: [...mark], whole, incomplete: [...incomplete()] };
}

const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('openEncoded()', () => {
  test.for([
    { name: 'UTF-8', mark: [], bytes: Buffer.from('aé€😀') },
    { name: 'UTF-8 with a byte order mark', mark: [0xef, 0xbb, 0xbf], bytes: Buffer.from('aé€😀') },
    { name: 'UTF-16, little-endian', mark: [0xff, 0xfe], bytes: utf16le('aé€😀') },
    { name: 'UTF-16, big-endian', mark: [0xfe, 0xff], bytes: utf16be('aé€😀') },
  ])('decodes $name, for any chunks', async ({ mark, bytes }) => {
    const stream = Buffer.concat([Buffer.from(mark), bytes]);
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const opened = await open(stream, cut, cut + 1);
      expect(opened.mark).toEqual(mark);
      expect(opened.incomplete).toEqual([]);
      expect(opened.encoding.read(opened.whole)).toBe('aé€😀');
      expect(opened.encoding.bytes(opened.whole)).toEqual(bytes);
      expect(opened.encoding.write('aé€😀')).toBe(opened.whole);
    }
  });

  test.for([
    { name: 'bytes that are not UTF-8', bytes: [0x61, 0xe9, 0x0a] },
    { name: 'a truncated character', bytes: [0xc3] },
    { name: 'half a surrogate pair', bytes: [0xff, 0xfe, 0x3d, 0xd8, 0x61, 0x00] },
  ])('preserves bytes that are not valid: $name', async ({ bytes }) => {
    const { encoding, whole, mark } = await open(Buffer.from(bytes));
    expect(encoding.read(whole)).toBeUndefined();
    expect([...mark, ...encoding.bytes(whole)]).toEqual(bytes);
  });

  test('preserves a last byte of UTF-16 that is not a character', async () => {
    expect(await open(Buffer.from([0xff, 0xfe, 0x61, 0x00, 0x62]))).toMatchObject({ whole: 'a', incomplete: [0x62] });
  });

  test('reads streams that are shorter than a byte order mark', async () => {
    expect(await open(Buffer.from(''))).toMatchObject({ whole: '', mark: [] });
    expect(await open(Buffer.from('ab'))).toMatchObject({ whole: 'ab', mark: [] });
    expect(await open(Buffer.from([0xff, 0xfe]))).toMatchObject({ whole: '', mark: [0xff, 0xfe] });
  });

  test('preserves ASCII after other characters', async () => {
    const { encoding } = await open(Buffer.from('é'));
    expect(encoding.read('a')).toBe('a');
    expect(encoding.write('a')).toBe('a');
  });
});
