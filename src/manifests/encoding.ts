import { isAscii } from 'node:buffer';

/**
 * A text encoding. Streams are handled as raw text, which preserves every byte, readable or not: one character for each byte of
 * UTF-8, or each code unit of UTF-16. Document separators are ASCII, and so the same in both.
 */
export interface Encoding {
  readonly name: 'UTF-8' | 'UTF-16LE' | 'UTF-16BE';
  readonly decode: (bytes: Uint8Array) => string;
  readonly bytes: (raw: string) => Buffer;
  /** Returns the text that raw text stands for; undefined if it is not valid. */
  readonly read: (raw: string) => string | undefined;
  readonly write: (text: string) => string;
  readonly bytesPerCharacter: 1 | 2;
}

/** A stream whose encoding is known. */
export interface EncodedStream {
  readonly encoding: Encoding;
  /** The byte order mark; empty without one. */
  readonly mark: Uint8Array;
  readonly chunks: AsyncIterable<string>;
  /** At the end of the stream: an incomplete UTF-16 code unit. */
  readonly incomplete: () => Uint8Array;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Remembers whether a whole stream is ASCII: usually it is, and then raw text and text are the same. */
function utf8Encoding(): Encoding {
  let isAllAscii = true;
  return {
    name: 'UTF-8',
    decode: (bytes) => {
      isAllAscii &&= isAscii(bytes);
      return buffer(bytes).toString('latin1');
    },
    bytes: (raw) => Buffer.from(raw, 'latin1'),
    read: (raw) => (isAllAscii ? raw : readUtf8(Buffer.from(raw, 'latin1'))),
    write: (text) => Buffer.from(text).toString('latin1'),
    bytesPerCharacter: 1,
  };
}

function readUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const UTF_16: Omit<Encoding, 'name' | 'decode' | 'bytes'> = {
  read: (raw) => (raw.isWellFormed() ? raw : undefined),
  write: (text) => text,
  bytesPerCharacter: 2,
};

const utf16le = (): Encoding => ({
  name: 'UTF-16LE',
  ...UTF_16,
  decode: (bytes) => buffer(bytes).toString('utf16le'),
  bytes: (raw) => Buffer.from(raw, 'utf16le'),
});

const utf16be = (): Encoding => ({
  name: 'UTF-16BE',
  ...UTF_16,
  decode: (bytes) => Buffer.from(bytes).swap16().toString('utf16le'),
  bytes: (raw) => Buffer.from(raw, 'utf16le').swap16(),
});

/** As in kubectl (`unicode.BOMOverride`): a byte order mark decides, otherwise it is UTF-8. */
const MARKS: readonly { readonly mark: readonly number[]; readonly build: () => Encoding }[] = [
  { mark: [0xef, 0xbb, 0xbf], build: utf8Encoding },
  { mark: [0xff, 0xfe], build: utf16le },
  { mark: [0xfe, 0xff], build: utf16be },
];

/** Finds out the encoding of a stream of bytes. */
export async function openEncoded(chunks: AsyncIterable<Uint8Array>): Promise<EncodedStream> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  while (head.length < 3) {
    const { value, done } = await iterator.next();
    if (done) break;
    head = Buffer.concat([head, value]);
  }
  const found = MARKS.find(({ mark }) => mark.every((byte, index) => head[index] === byte));
  const { mark, build } = found ?? { mark: [], build: utf8Encoding };
  const encoding = build();
  let rest = head.subarray(mark.length);

  async function* decoded(): AsyncGenerator<string> {
    const whole = ({ length }: Uint8Array) => length - (length % encoding.bytesPerCharacter);
    for (;;) {
      if (whole(rest) > 0) yield encoding.decode(rest.subarray(0, whole(rest)));
      rest = rest.subarray(whole(rest));
      const { value, done } = await iterator.next();
      if (done) return;
      rest = rest.length > 0 ? Buffer.concat([rest, value]) : value;
    }
  }
  return { encoding, mark: head.subarray(0, mark.length), chunks: decoded(), incomplete: () => rest };
}

function buffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
