import fc from 'fast-check';

/** JSON texts in every valid notation: white space, escape sequences, duplicate keys. */

const gap = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  fc.array(fc.constantFrom(' ', '\t', '\n', '\r'), { maxLength: 3 }).map((all) => all.join('')),
);

const hex = (unit: number, isUpper: boolean) => {
  const digits = unit.toString(16).padStart(4, '0');
  return `\\u${isUpper ? digits.toUpperCase() : digits}`;
};
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** A JSON string in which each code unit is literal (if JSON allows it), a short escape, or `\uXXXX`. */
function written(text: string): fc.Arbitrary<string> {
  const styles = fc.oneof(
    { weight: 3, arbitrary: fc.constant([0]) },
    fc.array(fc.nat(7), { minLength: 1, maxLength: text.length + 1 }),
  );
  return styles.map((all) => {
    const units = Array.from({ length: text.length }, (_, index) => {
      const unit = text[index] ?? '';
      const style = all[index % all.length] ?? 0;
      if (style >= 6) return hex(unit.charCodeAt(0), style === 7);
      if (style === 5 && unit in SHORT) return SHORT[unit];
      return isPlain(text, index) ? unit : (SHORT[unit] ?? hex(unit.charCodeAt(0), false));
    });
    return `"${units.join('')}"`;
  });
}

/** Whether a code unit may be literal. Quotes, backslashes and control characters must be escaped; surrogates always are here. */
function isPlain(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit < 0x20 || unit === 0x22 || unit === 0x5c) return false;
  return !(unit >= 0xd800 && unit <= 0xdfff);
}

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme-ascii' }),
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff), { maxLength: 8 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    '😀',
    '\ud800',
    '\udc00x',
    '\ufeff',
    'eg',
    'a'.repeat(300),
    'ü'.repeat(254),
  ),
);

const scalar = fc.oneof(
  fc.constantFrom('null', 'true', 'false', '0', '-0', '1e400', '-1.5E+10', '0.1e-3', '10', `${'9'.repeat(40)}`),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((number) => JSON.stringify(number)),
  anyText.chain(written),
);

/** Keys that the reader knows, and similar ones. */
const NAMES = [
  'apiVersion',
  'request',
  'uid',
  'kind',
  'object',
  'oldObject',
  'metadata',
  'labels',
  'annotations',
  'name',
  'Name',
  'names',
  'nam',
  'uid\u0000',
  'ui\\d',
  'gateway.networking.k8s.io/gateway-name',
  'gateway.networking.k8s.io/gateway-name'.repeat(20),
];
const anyKey = fc.oneof(anyText, fc.constantFrom(...NAMES));

function member(key: fc.Arbitrary<string>, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(key.chain(written), gap, gap, value)
    .map(([name, before, after, rest]) => `${name}${before}:${after}${rest}`);
}

export const { value: anyJson } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }).chain((items) => listedOf('[', items, ']')),
    fc.array(member(anyKey, tie('value')), { maxLength: 4 }).chain((items) => listedOf('{', items, '}')),
  ),
}));

/** An object with these keys and others, in any order: each is usually present, rarely of another type or duplicated. */
function objectOf(fields: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  const known = Object.entries(fields).map(([key, value]) => {
    const usual = member(fc.constant(key), value);
    const other = member(fc.constant(key), fc.oneof(scalar, anyJson));
    return fc.oneof(
      { weight: 24, arbitrary: fc.tuple(usual) },
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.tuple(other, usual) },
      { weight: 1, arbitrary: fc.tuple(usual, usual) },
      { weight: 1, arbitrary: fc.tuple(usual, other) },
    );
  });
  const others = fc.array(member(anyKey, anyJson), { maxLength: 2 });
  return fc
    .tuple(others, ...known)
    .chain((all) => fc.shuffledSubarray(all.flat(), { minLength: all.flat().length }))
    .chain((members) => listedOf('{', members, '}'));
}

function listedOf(open: string, items: readonly string[], close: string): fc.Arbitrary<string> {
  return fc
    .array(gap, { minLength: 2 * items.length + 1, maxLength: 2 * items.length + 1 })
    .map((gaps) => `${open}${gaps[0]}${items.map((text, index) => `${text}${gaps[index + 1]}`).join(',')}${close}`);
}

const constant = (text: string) => written(text);
const word = fc.oneof(fc.constantFrom('eg', 'shop', 'a'.repeat(63), 'a'.repeat(64), ''), anyText).chain(written);
const labels = objectOf({
  'gateway.networking.k8s.io/gateway-name': word,
  'gateway.envoyproxy.io/owning-gateway-name': word,
  'gateway-name-webhook/ignore': word,
  'app.kubernetes.io/managed-by': fc.oneof(constant('envoy-gateway'), word),
});
const metadata = objectOf({
  name: word,
  generateName: word,
  deletionTimestamp: fc.oneof(word, fc.constant('null')),
  labels: fc.oneof({ weight: 9, arbitrary: labels }, fc.constant('null')),
  annotations: objectOf({ 'kubernetes.io/config.mirror': word }),
});
const request = objectOf({
  uid: fc.oneof(constant('f9d50327-a074-47ac-952a-a4f68cd5228e'), word),
  kind: objectOf({ kind: constant('Pod') }),
  namespace: word,
  name: word,
  operation: constant('CREATE'),
  dryRun: fc.constantFrom('true', 'false', 'null'),
  object: fc.oneof({ weight: 9, arbitrary: objectOf({ metadata, spec: anyJson }) }, fc.constant('null')),
  oldObject: objectOf({ metadata }),
});

/** AdmissionReviews, most of them valid. */
export const reviewTexts = objectOf({
  apiVersion: constant('admission.k8s.io/v1'),
  kind: constant('AdmissionReview'),
  request,
});

/** A byte to change, insert or delete, or a truncation. */
interface Edit {
  readonly kind: 'change' | 'insert' | 'delete' | 'truncate';
  /** The position, as a fraction of the length. */
  readonly at: number;
  readonly byte: number;
}

const interestingByte = fc.oneof(
  fc.nat(255),
  fc.constantFrom(...Buffer.from('{}[]",:\\/ \n\t0123456789-+.eEtrufalsn')),
  fc.constantFrom(0x00, 0x1f, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff),
);

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom('change', 'insert', 'delete') },
    fc.constant('truncate' as const),
  ),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  byte: interestingByte,
});

/** The bytes of texts with a few random edits. Most are no longer valid JSON. */
export function damaged(texts: fc.Arbitrary<string>): fc.Arbitrary<Buffer> {
  return fc
    .tuple(texts, fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([text, edits]) => edits.reduce(edited, Buffer.from(text)));
}

function edited(bytes: Buffer, { kind, at, byte }: Edit): Buffer {
  const offset = Math.floor(at * bytes.length);
  const [before, after] = [bytes.subarray(0, offset), bytes.subarray(offset)];
  if (kind === 'truncate') return before;
  const added = kind === 'delete' ? [] : [byte];
  return Buffer.concat([before, Buffer.from(added), after.subarray(kind === 'insert' ? 0 : 1)]);
}

/** The bytes of a text in chunks: one chunk, single bytes, or chunks of random sizes. */
export function chunked(bytes: Buffer): fc.Arbitrary<readonly Buffer[]> {
  const sizes = fc.oneof(
    fc.constant([bytes.length + 1]),
    fc.constant([1]),
    fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }),
  );
  return sizes.map((all) => {
    const chunks: Buffer[] = [];
    for (let at = 0, index = 0; at < bytes.length; index += 1) {
      const size = all[index % all.length] ?? 1;
      chunks.push(Buffer.from(bytes.subarray(at, at + size)));
      at += size;
    }
    return chunks;
  });
}
