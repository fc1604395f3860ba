import fc from 'fast-check';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';

const { standard, owner } = GATEWAY_LABELS;

/** Line ends, comments and blank lines, which have no meaning. */
const comment = fc.constantFrom('', '', '', ' # c', '   # {a: "b', ' # é');
const blank = fc.constantFrom('', '', '', '# c\n', '\n', '   \n', '          # - a: b\n');

const gatewayKey = fc.constantFrom(owner, owner, standard);
const quotedKey = (key: string) => fc.constantFrom(key, key, `"${key}"`, `'${key}'`);
const value = fc.constantFrom('eg', 'eg', '"eg"', "'eg'", 'eg-1.x_y', '"yes"', "'0400'", '1:20', '2001-01-01', '! eg');

/** A label as one or more lines of a block mapping. */
const blockLabel = gatewayKey.chain((key) =>
  fc
    .tuple(quotedKey(key), value, comment)
    .chain(([written, text, end]) =>
      fc.constantFrom(
        ...Array(6).fill(`${written}: ${text}${end}\n`),
        `${written}:\t${text}${end}\n`,
        `${written} : ${text} ${end}\n`,
        `${written}:${end}\n  ${text}\n`,
        `${written}: |-${end}\n  eg\n`,
        `${written}: >-\n  eg\n`,
        `? ${written}\n: ${text}${end}\n`,
        `${written}: !!str ${text.replace('! ', '')}${end}\n`,
        `${written}: &v ${text}${end}\n`,
        `${written}: "e\\\n  g"\n`,
        `${written}: ${text}\n${written}: last${end}\n`,
        `&k ${written}: ${text}\n`,
        `!!str ${written}: ${text}\n`,
      ),
    ),
);
const otherLabel = fc.constantFrom('', 'a: "b"\n', 'team: x # y\n', "'q': 'r'\n", '"s": |\n  t\n', 'u: "{}"\n');

const flowLabel = gatewayKey.chain((key) =>
  fc.tuple(quotedKey(key), value).chain(([written, text]) => {
    const plain = text.replace('! ', '');
    return fc.constantFrom(
      ...[
        `${written}: ${plain}`,
        `${written} : ${plain}`,
        `? ${written} : ${plain}`,
        `"${key}":${JSON.stringify('eg')}`,
      ],
      ...[`'${key}':'eg'`, `${written}: !!str ${plain}`, `${written}: &v ${plain}`, `${written}:\n          ${plain}`],
    );
  }),
);
const flowLabels = fc
  .tuple(
    flowLabel,
    fc.constantFrom('', 'a: b, ', '"c":"d",', '\n        e: f,\n        '),
    fc.constantFrom('', ',', ' ', ' # c\n      ', ', g: h'),
  )
  .map(([label, before, after]) => `{${before}${label}${after}}`);

/** The value of `labels`, with white space and comments in it. */
const labels = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...Array(12).fill(''), ' &l', ' !!map'),
        comment,
        otherLabel,
        blank,
        blockLabel,
        blank,
        otherLabel,
        fc.constantFrom(...Array(12).fill(''), '<<: {m: "n"}\n'),
      )
      .map(([property, end, ...lines]) => `${property}${end}\n${indented(lines.join(''), '  ')}`),
  },
  { weight: 3, arbitrary: flowLabels.map((flow) => ` ${flow}\n`) },
  { weight: 1, arbitrary: flowLabels.map((flow) => `\n    ${flow}\n`) },
);

/** Scalars that YAML readers and writers treat differently. */
const SCALARS = [
  '0400',
  '010',
  '12345678901234567890',
  '.5',
  '1_000',
  'yes',
  'No',
  'on',
  'y',
  '1:20',
  '190:20:30',
  '2001-01-01',
  '~',
  '',
  '0x1F',
  '1e3',
  '"\\u00e9\\n"',
  "'it''s'",
  'é',
  'a: b'.replace(': ', ':'),
  '-1',
];
const specs = fc
  .array(
    fc.oneof(
      fc.constantFrom(...SCALARS).map((scalar) => `x: ${scalar}\n`),
      fc.constantFrom(
        'list:\n- a\n-   b\n- - c\n',
        'list:\n  - a: 1\n    b: 2\n',
        'flow: {a: [1, 2,\n    3], b: }\n',
        'block: |+\n  a\n\n\n',
      ),
      fc.constantFrom(
        'fold: >2\n    a\n  b\n',
        'text: a\n  b\n\n  c\n',
        'quoted: "a\n\n  b"\n',
        '? key\n: value\n',
        'tagged: !!str 5\n',
        'other: !x y\n',
      ),
      fc.constantFrom(
        'one: &a {b: c}\ntwo: *a\n',
        'one: &a\n  b: c\ntwo:\n  <<: *a\n  d: e\n',
        '"a": "b" # c\n',
        "'--- ': '...'\n",
        'twice: 1\ntwice: 2\n',
      ),
    ),
    { maxLength: 3 },
  )
  .map((parts) => parts.join(''));

/** Names are unique so that tests can find the objects in a reader's output. */
const yamlObject = fc
  .tuple(
    fc.constantFrom('Pod', 'Service', 'ServiceAccount', 'Pod', '"Service"', 'ConfigMap'),
    labels,
    specs,
    fc.constantFrom('  ', '    '),
    fc.boolean(),
    fc.constantFrom('', '', '', '  annotations: *l\n'),
    blank,
  )
  .map(([kind, labels, spec, indent, isFirst, alias, line]) => {
    const shared = labels.includes('&l') ? alias : '';
    const metadata = `metadata:${isFirst ? ' # m' : ''}\n${indented(`name: NAME\nlabels:${labels}`, indent)}${shared.replace('  ', indent)}`;
    const rest = spec === '' ? '' : `spec:\n${indented(spec, indent)}`;
    return `apiVersion: v1\n${line}kind: ${kind}\n${isFirst && shared === '' ? metadata + rest : rest + metadata}`;
  });

/** JSON with optional white space everywhere, and duplicate keys. */
const jsonObject = fc
  .tuple(gatewayKey, fc.constantFrom('', ' ', '\n', '\t', '\r\n  '), fc.constantFrom('', ' ', '\n    '), fc.nat(5))
  .map(([key, a, b, form]) => {
    const labels = `{${b}"x"${a}:${b}"{\\"}"${a},${b}"${key}"${a}:${b}"eg"${a}}`;
    const twice = form === 0 ? `"metadata":{"labels":{"${key}":"unread"}},` : '';
    const metadata = `"metadata"${a}:${b}{"name":"NAME",${form === 1 ? '"labels":{},' : ''}"labels"${b}:${a}${labels}}`;
    const spec = `"spec":{"a":[1,2.50,1e3,12345678901234567890,"\\u00e9\\/"],"b":{}}`;
    return `{${a}"apiVersion":"v1",${twice}"kind":${b}"Pod",${a}${form === 2 ? `${spec},${metadata}` : `${metadata},${spec}`}${a}}`;
  });

const yamlList = fc
  .tuple(fc.array(yamlObject, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '  '), fc.boolean(), blank)
  .map(([items, indent, isKindLast, line]) => {
    const kind = 'kind: List\n';
    const list = items.map((item) => indented(indented(item, '  ').replace(/^ {2}/, '- '), indent)).join(line);
    return `apiVersion: v1\n${isKindLast ? '' : kind}items:\n${list}${isKindLast ? kind : ''}`;
  });
const jsonList = fc
  .tuple(fc.array(jsonObject, { minLength: 1, maxLength: 3 }), fc.constantFrom(',', ' , ', ',\n'), fc.boolean())
  .map(([items, comma, isKindLast]) => {
    const kind = '"kind":"List"';
    return `{"apiVersion":"v1",${isKindLast ? '' : `${kind},`}"items":[${items.join(comma)}]${isKindLast ? `,${kind}` : ''}}\n`;
  });

const document = fc.oneof(
  { weight: 6, arbitrary: yamlObject },
  { weight: 2, arbitrary: jsonObject.map((text) => `${text}\n`) },
  { weight: 2, arbitrary: yamlList },
  { weight: 1, arbitrary: jsonList },
  { weight: 1, arbitrary: fc.constantFrom('', '# nothing\n') },
);

/** Streams of documents, each with its own line ends, and text before and after it. */
export const manifests = fc
  .tuple(
    fc.array(document, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', '', '---\n', '# c\n---\n', '%YAML 1.1\n---\n', '\uFEFF'),
    fc.constantFrom('---\n', '--- # c\n', '---   \n'),
    fc.constantFrom('', '', '...\n'),
    fc.constantFrom('\n', '\n', '\r\n'),
    fc.boolean(),
  )
  .map(([documents, before, separator, after, lineEnd, isCut]) => {
    const text = before + documents.join(separator) + after;
    return (isCut ? text.trimEnd() : text).replaceAll(/\r?\n/g, lineEnd);
  });

function indented(text: string, indent: string): string {
  return text.replaceAll(/^(?=.)/gm, indent);
}
