import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeUtf8, type SourceDocument, splitDocuments } from '../../src/manifests/documents.ts';

async function* chunked<T>(chunks: readonly T[]): AsyncGenerator<T> {
  yield* chunks;
}

async function split(...chunks: string[]): Promise<SourceDocument[]> {
  return Array.fromAsync(splitDocuments(chunked(chunks)));
}

const texts = (documents: SourceDocument[]) => documents.map(({ text }) => text);

describe('splitDocuments()', () => {
  test.for([
    { name: 'nothing', stream: '', documents: [] },
    { name: 'one document', stream: 'a: 1\n', documents: ['a: 1\n'] },
    { name: 'markers', stream: 'a: 1\n---\nb: 2\n---\nc: 3', documents: ['a: 1\n', '---\nb: 2\n', '---\nc: 3'] },
    {
      name: 'a marker at the start',
      stream: '---\na: 1\n--- # more\nb: 2\n',
      documents: ['---\na: 1\n', '--- # more\nb: 2\n'],
    },
    { name: 'an end marker', stream: 'a: 1\n...\nb: 2\n', documents: ['a: 1\n...\n', 'b: 2\n'] },
    {
      name: 'what only looks like a marker',
      stream: 'a: 1\n----\n ---\n---b\n....\n',
      documents: ['a: 1\n----\n ---\n---b\n....\n'],
    },
    { name: 'Windows line ends', stream: 'a: 1\r\n---\r\nb: 2\r\n', documents: ['a: 1\r\n', '---\r\nb: 2\r\n'] },
    { name: 'JSON Lines', stream: '{"a":1}\n{"b":2}\n', documents: ['{"a":1}\n', '{"b":2}\n'] },
    {
      name: 'JSON without anything between',
      stream: '{"a":{}}{"b":2} {"c":3}',
      documents: ['{"a":{}}', '{"b":2}', ' {"c":3}'],
    },
    { name: 'JSON of many lines', stream: '{\n "a": {\n }\n}\n{\n}\n', documents: ['{\n "a": {\n }\n}\n', '{\n}\n'] },
    {
      name: 'braces and quotes in strings',
      stream: '{"a":"}\\"}{"}{"b":"\\\\"}',
      documents: ['{"a":"}\\"}{"}', '{"b":"\\\\"}'],
    },
    {
      name: 'JSON after markers and comments',
      stream: '# c\n--- {"a":1}\n---\n\n{"b":2}\n{"c":3}',
      documents: ['# c\n', '--- {"a":1}\n', '---\n\n{"b":2}\n', '{"c":3}'],
    },
    { name: 'JSON after a byte order mark', stream: '\uFEFF{"a":1}{"b":2}', documents: ['\uFEFF{"a":1}', '{"b":2}'] },
    { name: 'braces inside of YAML', stream: 'a: {b: 1}\nc: }\n', documents: ['a: {b: 1}\nc: }\n'] },
    {
      name: 'a brace without partner, up to the next marker',
      stream: '{"a":\n---\nb: 2\n',
      documents: ['{"a":\n', '---\nb: 2\n'],
    },
    { name: 'lines without content', stream: '\n\n{"a":1}\n\n\n', documents: ['\n\n{"a":1}\n', '\n\n'] },
  ])('splits $name', async ({ stream, documents }) => {
    expect(texts(await split(stream))).toEqual(documents);
  });

  test('counts documents and lines', async () => {
    const documents = await split('a: 1\nb: 2\n---\nc: 3\n---\n{}{}\n');
    expect(documents.map(({ number, line }) => [number, line])).toEqual([
      [1, 1],
      [2, 3],
      [3, 5],
      [4, 6],
    ]);
  });

  test('loses no character, and splits alike, wherever the chunks end', async () => {
    const piece = fc.constantFrom('---', '...', '\n', '\r\n', '{', '}', '"', '\\', 'a: 1', '#', ' ', '\uFEFF', 'é');
    const stream = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(stream, fc.array(fc.nat(80), { maxLength: 5 }), async (text, cuts) => {
        const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)).toSorted((a, b) => a - b), text.length];
        const chunks = at.slice(1).map((end, index) => text.slice(at[index], end));
        const documents = await split(...chunks);
        expect(texts(documents).join('')).toBe(text);
        expect(documents).toEqual(await split(text));
      }),
    );
  });
});

describe('decodeUtf8()', () => {
  const decode = (...chunks: number[][]) =>
    Array.fromAsync(decodeUtf8(chunked(chunks.map((chunk) => Uint8Array.from(chunk)))));

  test('decodes characters that are spread over chunks, byte order marks included', async () => {
    expect((await decode([0xef, 0xbb, 0xbf, 0xc3], [0xa9])).join('')).toBe('\uFEFFé');
  });

  test.for([[[0xff]], [[0xc3], [0x28]], [[0xc3]]])('rejects what is no UTF-8: %o', async (chunks) => {
    await expect(decode(...chunks)).rejects.toThrow(TypeError);
  });
});
