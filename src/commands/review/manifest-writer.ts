import type { EncodedStream, Encoding } from '../../manifests/encoding.ts';
import type { ReviewedPart } from '../../manifests/manifest.ts';

/**
 * Writes manifests unchanged, except for added labels. What cannot be read is passed through unchanged.
 * Several inputs become one stream, in the encoding of the first.
 */
export function buildManifestWriter() {
  let output: Encoding | undefined;
  let join: (raw: string) => string;
  let encode: (raw: string) => Uint8Array;
  let endsLine = true;
  return {
    begin: (_name: string, { encoding, mark }: EncodedStream): Uint8Array => {
      const isFirst = output === undefined;
      const target = output ?? encoding;
      output = target;
      join = isFirst ? (raw) => raw : (raw) => `${endsLine ? '' : '\n'}${separatorBefore(raw)}${raw}`;
      encode = (raw) => recoded(raw, encoding, target);
      return isFirst ? mark : new Uint8Array();
    },
    add: (part: ReviewedPart) => {
      const { raw, problems } = part.label();
      const joined = join(raw);
      join = (next) => next;
      // Nothing may follow the last item of a list.
      if (raw !== '') endsLine = raw.endsWith('\n');
      return { output: encode(joined), problems };
    },
    endInput: (incomplete: Uint8Array): Uint8Array => incomplete,
    end: () => '',
  };
}

/** What must stand between an input and the document before it. */
function separatorBefore(raw: string): string {
  if (raw.startsWith('---')) return '';
  // Directives belong to the document after them only if the one before has ended.
  return raw.startsWith('%') ? '...\n' : '---\n';
}

function recoded(raw: string, from: Encoding, to: Encoding): Uint8Array {
  const text = from.name === to.name ? undefined : from.read(raw);
  return text === undefined ? from.bytes(raw) : to.bytes(to.write(text));
}
