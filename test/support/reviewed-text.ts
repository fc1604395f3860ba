import type { Reverse } from '../../src/admission/gateway.ts';
import { openEncoded } from '../../src/manifests/encoding.ts';
import { reviewManifests } from '../../src/manifests/manifest.ts';

interface Options {
  readonly reverse?: Reverse;
  /** Where to split the stream into chunks; by default, it is one chunk. */
  readonly cuts?: readonly number[];
}

/** Reviews a stream of manifests, and labels its objects. */
export async function reviewText(stream: string | Uint8Array, { reverse = 'both', cuts = [] }: Options = {}) {
  const opened = await openEncoded(chunks(Buffer.from(stream), cuts));
  const parts = await Array.fromAsync(reviewManifests(opened, reverse));
  const labelled = parts.map((part) => ({ part, ...part.label() }));
  const bytes = labelled.map(({ raw }) => opened.encoding.bytes(raw));
  return {
    parts,
    objects: parts.flatMap(({ objects }) => objects),
    problems: parts.flatMap(({ problems }) => problems),
    obstacles: labelled.flatMap(({ problems }) => problems),
    bytes: Buffer.concat([opened.mark, ...bytes, opened.incomplete()]),
    get text(): string {
      return this.bytes.toString();
    },
  };
}

export async function* chunks(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const ends = cuts.map((cut) => Math.min(cut, bytes.length)).toSorted((a, b) => a - b);
  for (const [index, end] of [...ends, bytes.length].entries()) yield bytes.subarray(ends[index - 1] ?? 0, end);
}
