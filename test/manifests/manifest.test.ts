import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { type ReviewedObject, reviewObjects } from '../../src/manifests/objects.ts';
import { reviewText } from '../support/reviewed-text.ts';
import { RECORDED_REASONS, RECORDED_REVIEWS, recorded } from '../support/reviews.ts';

const { standard, owner } = GATEWAY_LABELS;

const facts = ({ kind, namespace, name, generateName, decision }: ReviewedObject) => ({
  kind,
  namespace,
  name,
  generateName,
  reason: decision.reason,
});

/** A Service with these lines of labels. */
const service = (labels: string) =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  labels:\n${labels}spec: {}\n`;

describe('reviewManifests()', () => {
  test.for(RECORDED_REVIEWS)('makes the same decision as the webhook for %s', async (file) => {
    const { request } = recorded(file);
    expect((await reviewText(JSON.stringify(recorded(file)))).objects.map(facts)).toEqual([
      {
        kind: request.kind?.kind,
        namespace: request.namespace,
        name: request.name || undefined,
        generateName: request.object?.metadata?.generateName,
        reason: RECORDED_REASONS[file],
      },
    ]);
  });

  test.for([
    {
      name: 'a manifest',
      text: `apiVersion: v1\nkind: Pod\nmetadata: {namespace: ns, name: p, labels: {${owner}: eg}}`,
      objects: [{ kind: 'Pod', namespace: 'ns', name: 'p', reason: 'added-standard' }],
    },
    {
      name: 'a manifest without metadata',
      text: 'apiVersion: v1\nkind: Pod',
      objects: [{ kind: 'Pod', reason: 'no-gateway' }],
    },
    {
      name: 'a List',
      text: `apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: s}}\n- {apiVersion: apps/v1, kind: Deployment}\n- null`,
      objects: [{ kind: 'Service', name: 's', reason: 'no-gateway' }],
    },
    {
      name: 'a PodList with items without a kind',
      text: 'apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: p}}]',
      objects: [{ kind: 'Pod', name: 'p', reason: 'no-gateway' }],
    },
    {
      name: 'an object with null labels',
      text: 'apiVersion: v1\nkind: Pod\nmetadata: {labels: {a: }, annotations: }',
      objects: [{ kind: 'Pod', reason: 'no-gateway' }],
    },
    {
      name: 'an object that is being deleted',
      text: 'apiVersion: v1\nkind: Pod\nmetadata: {deletionTimestamp: 2026-11-22T20:43:49Z}',
      objects: [{ kind: 'Pod', reason: 'deleting' }],
    },
    {
      name: 'merge keys',
      text: `apiVersion: v1\nkind: Pod\nx: &x {${owner}: eg}\nmetadata: {labels: {<<: *x}}`,
      objects: [{ kind: 'Pod', reason: 'added-standard' }],
    },
    {
      name: 'several merge keys: the last one wins, as in goyaml.v2',
      text: `apiVersion: v1\nkind: Pod\nx: &x {name: x, ${owner}: eg}\nmetadata: {name: one, <<: , <<: [{name: z}, *x]}`,
      objects: [{ kind: 'Pod', name: 'z', reason: 'no-gateway' }],
    },
    {
      name: 'duplicate keys: the last one wins',
      text: `apiVersion: v1\nkind: Service\nkind: Pod\nmetadata: {name: one}\nmetadata: {name: two}`,
      objects: [{ kind: 'Pod', name: 'two', reason: 'no-gateway' }],
    },
    {
      name: 'more than 100 aliases',
      text: `apiVersion: v1\nkind: Pod\nx: &x [a]\ny: [${Array(200).fill('*x').join()}]`,
      objects: [{ kind: 'Pod', reason: 'no-gateway' }],
    },
    {
      name: 'aliases that expand endlessly',
      text: `apiVersion: v1\nkind: Pod\na: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghi'[index]}`)}]`).join('\n')}`,
      objects: [{ kind: 'Pod', reason: 'no-gateway' }],
    },
    {
      name: 'an alias in a List',
      text: `apiVersion: v1\nkind: List\nitems:\n- &a {apiVersion: v1, kind: Pod}\n- *a\n`,
      objects: [
        { kind: 'Pod', reason: 'no-gateway' },
        { kind: 'Pod', reason: 'no-gateway' },
      ],
    },
    {
      name: 'a PodList with its kind after its items',
      text: `apiVersion: v1\nitems:\n- metadata: {name: p}\nkind: PodList\n`,
      objects: [{ kind: 'Pod', name: 'p', reason: 'no-gateway' }],
    },
    {
      name: 'a JSON PodList with its kind after its items',
      text: '{"apiVersion":"v1","items":[{"metadata":{"name":"p"}}],"kind":"PodList"}',
      objects: [{ kind: 'Pod', name: 'p', reason: 'no-gateway' }],
    },
    {
      name: 'a JSON PodList of the API server',
      text: '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"p"}}]}\n',
      objects: [{ kind: 'Pod', name: 'p', reason: 'no-gateway' }],
    },
    {
      name: 'a list in another group',
      text: 'apiVersion: x/v1\nkind: ThingList\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: p}}\n',
      objects: [{ kind: 'Pod', name: 'p', reason: 'no-gateway' }],
    },
    {
      name: 'a JSON Pod with items',
      text: '{"apiVersion":"v1","kind":"Pod","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"}}]}',
      objects: [{ kind: 'Pod', reason: 'no-gateway' }],
    },
    {
      name: 'an AdmissionReview without an object',
      text: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object":null}}',
      objects: [{ kind: 'unknown', reason: 'no-gateway' }],
    },
    {
      name: 'an AdmissionReview as YAML',
      text: 'apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest: {uid: u, name: r, namespace: ns, kind: {kind: Pod}}',
      objects: [{ kind: 'Pod', name: 'r', namespace: 'ns', reason: 'no-gateway' }],
    },
    {
      name: 'kinds for which the webhook is not registered',
      text: `apiVersion: apps/v1\nkind: Deployment\nmetadata: {labels: {${owner}: eg}}`,
      objects: [],
    },
    {
      name: 'a Service of another implementation',
      text: `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {labels: {${owner}: eg}}`,
      objects: [],
    },
    { name: 'a kind that only ends like a list', text: 'apiVersion: v1\nkind: AllowList\nitems: 3', objects: [] },
    { name: 'only comments', text: '---\n# nothing\n', objects: [] },
    { name: 'nothing', text: '', objects: [] },
  ])('reviews $name', async ({ text, objects }) => {
    const found = (await reviewText(text)).objects.map(facts);
    expect(found).toEqual(
      objects.map((object) => ({ namespace: undefined, name: undefined, generateName: undefined, ...object })),
    );
  });

  test.for([
    { line: 2, problem: 'Nested mappings are not allowed in compact mappings', text: 'a: 1\nb: c: d\n' },
    { line: 4, problem: 'Flow map must end with a }', text: '{"a":\n1,\n"b": "c"\n' },
    { line: 1, problem: 'expected a Kubernetes object', text: 'just words' },
    { line: 2, problem: 'expected a Kubernetes object', text: '---\n- a\n- b\n' },
    { line: 1, problem: 'expected a Kubernetes object with apiVersion and kind', text: 'kind: Pod' },
    { line: 1, problem: 'expected a Kubernetes object with apiVersion and kind', text: 'apiVersion: v1' },
    {
      line: 1,
      problem: 'expected a Kubernetes object with apiVersion and kind',
      text: 'apiVersion: v1\nkind: 3\nitems:\n- {apiVersion: v1, kind: Pod}\n',
    },
    { line: 4, problem: 'expected a Kubernetes object', text: 'apiVersion: v1\nkind: List\nitems:\n- a\n' },
    { line: 3, problem: 'metadata is not a mapping', text: 'apiVersion: v1\nkind: Pod\nmetadata: 3\n' },
    { line: 4, problem: 'labels is not a mapping', text: 'apiVersion: v1\nkind: Pod\nmetadata:\n  labels: []\n' },
    {
      line: 6,
      problem: 'the value of a is read as 123, not as a string: put it in quotes',
      text: service('    a: 123\n'),
    },
    {
      line: 3,
      problem: 'the value of a is read as true, not as a string: put it in quotes',
      text: '{"apiVersion": "v1",\n"kind": "Pod", "metadata": {"annotations":\n{"a": true}}}',
    },
    {
      line: 4,
      problem: 'the value of a is not a string: put it in quotes',
      text: 'apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {a: {}}\n',
    },
    {
      line: 5,
      problem: 'the value of a is read as 1, not as a string: put it in quotes',
      text: 'apiVersion: v1\nkind: Pod\nx: &x {a: 1}\nmetadata:\n  labels: {<<: *x}\n',
    },
    {
      line: 1,
      problem: 'apiVersion is "admission.k8s.io/v1beta1", expected "admission.k8s.io/v1"',
      text: 'apiVersion: admission.k8s.io/v1beta1\nkind: AdmissionReview',
    },
    {
      line: 1,
      problem: 'labels is not a mapping',
      text: '{"apiVersion":"v1","kind":"Pod","metadata":3,"\\u006detadata":{"labels":[]}}',
    },
    {
      line: 4,
      problem: 'Flow map in block collection must be sufficiently indented and end with a }',
      text: 'apiVersion: v1\nitems:\n- {apiVersion: v1, kind: A}\nkind: {',
    },
    { line: 3, problem: 'expected a Kubernetes object', text: 'apiVersion: v1\nitems:\n- 3\nkind: List\n' },
    {
      line: 1,
      problem: 'not valid JSON',
      text: '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"A"}\n,{"a":',
    },
    {
      line: 1,
      problem: 'not valid JSON',
      text: '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"A"} ',
    },
    { line: 2, problem: 'the alias *x has no anchor before it', text: 'apiVersion: v1\nkind: *x\n' },
    { line: 2, problem: 'the alias *x is inside the node that it refers to', text: '&x\na: *x\n' },
    {
      line: 4,
      problem: 'too many objects, possibly from aliases of aliases',
      text: `apiVersion: v1\nx: &a {apiVersion: v1, kind: A}\nkind: List\nitems: [${[...'bcdefgh'].map((key, index) => `&${key} {apiVersion: v1, kind: List, items: [${Array(12).fill(`*${'abcdefg'[index]}`)}]}`).join()}]\n`,
    },
    {
      line: 2,
      problem: 'a carriage return without a line feed: save the file with LF or CRLF line ends',
      text: 'a: 1\nb: 2\rc: 3',
    },
    {
      line: 1,
      problem: 'a NUL character: save the file as UTF-8, or as UTF-16 with a byte order mark',
      text: 'a\0:\0',
    },
    {
      line: 1,
      problem:
        'the character U+0085, which not every YAML parser reads the same way: write it as an escape in double quotes',
      text: 'a: "\u0085"',
    },
    {
      line: 1,
      problem: 'items appears twice',
      text: '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"A"}\n],"items":[1]}',
    },
    {
      line: 5,
      problem: 'items appears twice',
      text: 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A}\nitems: [1]\n',
    },
    {
      line: 1,
      problem: 'kind is "Pod", expected a List',
      text: '{"apiVersion":"v1","items":[{"apiVersion":"v1","kind":"A"}\n],"kind":"Pod"}',
    },
    {
      line: 4,
      problem: 'kind is missing, expected a List',
      text: 'apiVersion: v1\nitems:\n- {apiVersion: v1, kind: A}\n',
    },
    {
      line: 4,
      problem: 'kind is 3, expected a List',
      text: 'apiVersion: v1\nitems:\n- {apiVersion: v1, kind: A}\nkind: 3\n',
    },
    {
      line: 1,
      problem: 'not valid JSON',
      text: '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"A"}\n,]}',
    },
    {
      line: 2,
      problem: 'not valid JSON (the rest of this document is not reviewed)',
      text: '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"A"},\n{a: b}, {"apiVersion":"v1","kind":"Pod"}]}',
    },
    {
      line: 2,
      problem: 'not valid JSON (the rest of this document is not reviewed)',
      text: '{"apiVersion":"v1","kind":"List","items":[{"apiVersion":"v1","kind":"A"}\n{"apiVersion":"v1","kind":"Pod"}]}',
    },
    {
      line: 6,
      problem: 'Missing closing "quote (the rest of this document is not reviewed)',
      text: 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A}\n- a: "\n- {apiVersion: v1, kind: Pod}\n',
    },
    {
      line: 5,
      problem: 'Sequence item without - indicator (the rest of this document is not reviewed)',
      text: 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A}\n  x: 1\n',
    },
  ])('reports the line and the reason: $problem', async ({ text, line, problem }) => {
    const { problems, objects, text: written } = await reviewText(text);
    expect(problems).toEqual([{ line, problem }]);
    expect(objects).toEqual([]);
    expect(written).toBe(text);
  });

  test.for(['yes', 'on', 'NO', '1_000', '0400', '1e3', 'null', '~', '', '!!int "3"', '{}'])(
    'reports that kubectl does not read a label as a string: %s',
    async (value) => {
      const { objects, problems, text } = await reviewText(service(`    ${owner}: ${value}\n    ${standard}: eg\n`));
      expect(objects.map(({ decision }) => decision)).toEqual([{ reason: 'invalid-value' }]);
      expect(problems).toEqual([
        { line: 6, problem: expect.stringMatching(`^the value of ${owner} is .*: put it in quotes$`) },
      ]);
      expect(text).toContain(`${owner}: ${value}\n`);
    },
  );

  test.for(['"yes"', "'1'", '!!str 5', 'yess', '1:20', '2001-01-01', '!x 5', '! 5'])(
    'accepts a label that kubectl reads as a string: %s',
    async (value) => {
      const { objects, problems } = await reviewText(service(`    ${owner}: ${value}\n`));
      expect(problems).toEqual([]);
      expect(objects).toHaveLength(1);
      expect(objects.map(({ decision }) => decision.reason)).not.toContain('no-gateway');
    },
  );

  test('reviews objects next to one that cannot be read', async () => {
    const item = (labels: string) => `- {apiVersion: v1, kind: Pod, metadata: {labels: {${labels}}}}\n`;
    const header = 'apiVersion: v1\nkind: List\nitems:\n';
    const items = `${item('a: 1')}${item(`${owner}: eg`)}`;
    for (const text of [header + items, `x: y\n${header}${items}`]) {
      const { problems, objects } = await reviewText(text);
      expect(problems).toHaveLength(1);
      expect(objects.map(({ decision }) => decision.reason)).toEqual(['added-standard']);
    }
  });

  test('reviews every document that can be decoded, and copies the others', async () => {
    const pod = service(`    ${owner}: eg\n`);
    const list = 'apiVersion: v1\nkind: List\nitems:\n';
    const broken = [
      '# \xe9\na: 1\n',
      '{"a": "\xe9"}\n',
      `${list}- {apiVersion: v1, kind: A, x: \xe9}\n- {apiVersion: v1, kind: Pod}\n`,
    ];
    for (const document of broken) {
      const stream = Buffer.from(`${pod}---\n${document}---\n${pod}`, 'latin1');
      const { bytes, problems, objects } = await reviewText(stream);
      expect(problems).toEqual([
        { line: expect.any(Number), problem: expect.stringMatching(/^not valid UTF-8, or UTF-16/) },
      ]);
      expect(objects).toHaveLength(2);
      expect(bytes.toString('latin1').replaceAll(`    ${standard}: "eg"\n`, '')).toBe(stream.toString('latin1'));
    }
  });

  test('throws errors that are not caused by a manifest', () => {
    const metadata = {
      get labels() {
        throw new RangeError('x');
      },
    };
    expect(() => reviewObjects({ apiVersion: 'v1', kind: 'Pod', metadata }, 'both')).toThrow(RangeError);
  });

  test('returns the line of each object', async () => {
    const list = `{"apiVersion":"v1","kind":"List","items":[\n{"apiVersion":"v1","kind":"Pod"},\n{"apiVersion":"v1","kind":"Pod"}]}\n`;
    const { parts } = await reviewText(`# a\n---\n# b\napiVersion: v1\nkind: Pod\n---\n${list}`);
    expect(parts.flatMap(({ objects, lineOf }) => objects.map(lineOf))).toEqual([4, 8, 9]);
  });
});

/** A Service with these labels, on the line of their key or below it. */
const labelled = (labels: string) => `apiVersion: v1\nkind: Service\nmetadata:\n  labels:${labels}\n`;

describe('label()', () => {
  test.for([
    {
      name: 'comments around it',
      labels: `\n    # whose\n    OWNER: eg # this one\n    team: "1"`,
      added: '\n    STANDARD: "eg"',
      after: 'one',
    },
    { name: 'the other direction', labels: `\n    STANDARD: 'eg'`, added: `\n    OWNER: "eg"`, after: "'eg'" },
    {
      name: 'quotes and white space',
      labels: `\n    "OWNER" :   "eg" `,
      added: `\n    STANDARD: "eg"`,
      after: '"eg" ',
    },
    { name: 'a tab after the colon', labels: '\n    OWNER:\teg', added: `\n    STANDARD: "eg"`, after: 'eg' },
    {
      name: 'a value on the next line',
      labels: '\n    OWNER:\n      eg # c',
      added: `\n    STANDARD: "eg"`,
      after: '# c',
    },
    {
      name: 'a quoted value on two lines',
      labels: '\n    OWNER: "e\\\n      g"',
      added: `\n    STANDARD: "eg"`,
      after: 'g"',
    },
    { name: 'a tag', labels: '\n    OWNER: !!str eg', added: `\n    STANDARD: "eg"`, after: 'eg' },
    { name: 'an anchor', labels: '\n    OWNER: &a eg', added: `\n    STANDARD: "eg"`, after: 'eg' },
    { name: 'an alias', labels: '\n    x: &a eg\n    OWNER: *a', added: `\n    STANDARD: "eg"`, after: '*a' },
    {
      name: 'an unused anchor of the labels',
      labels: ' &l\n    OWNER: eg',
      added: `\n    STANDARD: "eg"`,
      after: 'eg',
    },
    { name: 'a duplicate key', labels: '\n    OWNER: a\n    OWNER: b', added: `\n    STANDARD: "b"`, after: 'b' },
    {
      name: 'duplicate labels',
      labels: '\n    OWNER: a\n  labels:\n    OWNER: b',
      added: `\n    STANDARD: "b"`,
      after: 'b',
    },
    { name: 'a flow mapping', labels: ' {a: b, OWNER: eg }', added: ', "STANDARD": "eg"', after: 'OWNER: eg' },
    {
      name: 'a flow mapping with space before the colon',
      labels: ' {OWNER : eg}',
      added: ', "STANDARD": "eg"',
      after: 'eg',
    },
    { name: 'an explicit key in a flow mapping', labels: ' {? OWNER : eg}', added: ', "STANDARD": "eg"', after: 'eg' },
    { name: 'a flow mapping without white space', labels: " {'OWNER':'eg'}", added: ',"STANDARD":"eg"', after: "'eg'" },
    {
      name: 'a flow mapping on several lines',
      labels: ' {\n    OWNER: eg # c\n  }',
      added: ',\n    "STANDARD": "eg"',
      after: 'OWNER: eg',
    },
    {
      name: 'a flow mapping at the start of a line',
      labels: '\n    {OWNER: eg}',
      added: ', "STANDARD": "eg"',
      after: 'eg',
    },
  ])('inserts one label and changes nothing else: $name', async ({ labels, added, after }) => {
    const named = (text: string) => text.replaceAll('OWNER', owner).replaceAll('STANDARD', standard);
    const text = named(labelled(labels));
    const at = text.lastIndexOf(named(after)) + named(after).length;
    for (const end of ['\n', '\r\n']) {
      const lines = (text: string) => text.replaceAll('\n', end);
      const { text: written, obstacles, problems } = await reviewText(lines(text));
      expect([...problems, ...obstacles]).toEqual([]);
      expect(written).toBe(lines(text.slice(0, at) + named(added) + text.slice(at)));
      expect((await reviewText(written)).objects.map(({ decision }) => decision.reason)).toEqual(['complete']);
    }
  });

  test('inserts a last line without a line end', async () => {
    const text = labelled(`\n    ${owner}: eg`).trimEnd();
    expect((await reviewText(text)).text).toBe(`${text}\n    ${standard}: "eg"`);
  });

  test.for([
    {
      name: 'compact',
      text: `{"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"${owner}":"eg","a":"b"}}}`,
      added: `,"${standard}":"eg"`,
    },
    {
      name: 'with white space',
      text: `{ "apiVersion": "v1", "kind": "Pod", "metadata" : { "labels" : { "${owner}" : "eg" } } }`,
      added: `, "${standard}": "eg"`,
    },
    {
      name: 'indented',
      text: `{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"metadata": {\n\t\t"labels": {\n\t\t\t"${owner}": "eg"\n\t\t}\n\t}\n}\n`,
      added: `,\n\t\t\t"${standard}": "eg"`,
    },
    {
      name: 'with Windows line ends',
      text: `{"apiVersion": "v1", "kind": "Pod",\r\n"metadata": {"labels": {\r\n  "${owner}": "eg"\r\n}}}`,
      added: `,\r\n  "${standard}": "eg"`,
    },
    {
      name: 'an AdmissionReview',
      text: `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object":{"metadata":{"labels":{"${owner}":"eg"}}}}}`,
      added: `,"${standard}":"eg"`,
    },
    {
      name: 'duplicate keys: the last one wins',
      text: `{"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"${owner}":"x"}},"metadata":{"labels":{},"labels":{"${owner}":"x","${owner}":"eg"}}}`,
      added: `,"${standard}":"eg"`,
    },
    {
      name: 'escapes and other characters',
      text: `{"apiVersion":"v1","kind":"Pod","\\u006detadata":{"annotations":{"é":"\\ud83d\\ude00 \u2028 {\\"\\\\"},"labels":{"${owner}":"eg"}}}`,
      added: `,"${standard}":"eg"`,
    },
  ])('inserts into JSON: $name', async ({ text, added }) => {
    const at = text.lastIndexOf('"eg"') + '"eg"'.length;
    const { text: written, obstacles, problems } = await reviewText(text);
    expect([...problems, ...obstacles]).toEqual([]);
    expect(written).toBe(text.slice(0, at) + added + text.slice(at));
    expect(JSON.parse(written)).toBeTruthy();
  });

  test('labels every object in a list', async () => {
    const item = `- metadata:\n    labels:\n      ${owner}: eg\n`;
    const added = `      ${standard}: "eg"\n`;
    const flow = (labels: string) => `- metadata: {labels: {${labels}}}\n`;
    const header = 'apiVersion: v1\nkind: PodList\nitems:\n';
    for (const before of [header, `x: y\n${header}`]) {
      const { text } = await reviewText(`${before}${item}${item}${flow(`${standard}: eg`)}`);
      expect(text).toBe(`${before}${item}${added}${item}${added}${flow(`${standard}: eg, "${owner}": "eg"`)}`);
    }
  });

  test.for([
    { name: 'UTF-8 with a byte order mark', mark: '\uFEFF', encode: (text: string) => Buffer.from(text) },
    { name: 'UTF-16, little-endian', mark: '\uFEFF', encode: (text: string) => Buffer.from(text, 'utf16le') },
    { name: 'UTF-16, big-endian', mark: '\uFEFF', encode: (text: string) => Buffer.from(text, 'utf16le').swap16() },
    { name: 'other characters', mark: '', encode: (text: string) => Buffer.from(text) },
  ])('keeps the encoding: $name', async ({ mark, encode }) => {
    for (const labels of [`\n    ${owner}: eg # é😀`, ` {"é": "😀", "${owner}": "eg"}`]) {
      const text = mark + labelled(labels);
      const { bytes, problems } = await reviewText(encode(text));
      const added = labels.startsWith('\n') ? `    ${standard}: "eg"\n` : `, "${standard}": "eg"`;
      const at = labels.startsWith('\n') ? text.length : text.lastIndexOf('}');
      expect(problems).toEqual([]);
      expect(bytes).toEqual(encode(text.slice(0, at) + added + text.slice(at)));
    }
  });

  test.for([
    { name: 'only a comment', text: '# just a comment\n' },
    { name: 'a complete object', text: service(`    ${owner}: eg\n    ${standard}:   eg\n`) },
    { name: 'unusual but valid style', text: 'apiVersion:   v1\nkind : "Pod"\nmetadata: {  labels: {a: b}   }\n' },
    {
      name: 'octal and large numbers',
      text: 'apiVersion: v1\nkind: Pod\nspec: {a: 0400, b: 010, c: 12345678901234567890, d: .5}\n',
    },
  ])('copies $name unchanged', async ({ text }) => {
    const { text: written, problems } = await reviewText(text);
    expect([written, problems]).toEqual([text, []]);
  });

  test.for([
    {
      obstacle: 'labels is shared by the anchor &l',
      text: `${labelled(` &l # mine\n    ${owner}: eg`)}spec:\n  selector: *l\n`,
    },
    {
      obstacle: 'labels is the alias *l',
      text: `apiVersion: v1\nkind: Service\nspec:\n  selector: &l\n    ${owner}: eg\nmetadata:\n  labels: *l\n`,
    },
    {
      obstacle: 'metadata is the alias *m',
      text: `apiVersion: v1\nkind: Service\nx: &m {labels: {${owner}: eg}}\nmetadata: *m\n`,
    },
    { obstacle: 'labels has a merge key', text: `x: &l {a: b}\n${labelled(`\n    <<: *l\n    ${owner}: eg`)}` },
    {
      obstacle: 'metadata has a merge key',
      text: `apiVersion: v1\nkind: Service\nmetadata:\n  <<: {labels: {${owner}: eg}}\n`,
    },
    { obstacle: 'the document has a merge key', text: `<<: {a: b}\n${labelled(`\n    ${owner}: eg`)}` },
    { obstacle: 'labels has a tag', text: labelled(` !!map\n    ${owner}: eg`) },
    { obstacle: `the key ${owner} does not begin its line`, text: labelled(`\n    ? ${owner}\n    : eg`) },
    { obstacle: `the key ${owner} does not begin its line`, text: labelled(`\n    !!str ${owner}: eg`) },
    { obstacle: `the value of ${owner} is a block scalar`, text: labelled(`\n    ${owner}: |-\n      eg`) },
    {
      obstacle: `the key ${owner} is not written literally`,
      text: labelled(`\n    x: &k ${owner}\n    *k : eg`),
    },
  ])('leaves the document unchanged and reports the reason: $obstacle', async ({ obstacle, text }) => {
    const { text: written, problems, obstacles, objects } = await reviewText(text);
    expect(written).toBe(text);
    expect(problems).toEqual([]);
    expect(objects.map(({ decision }) => decision.reason)).toEqual(['added-standard']);
    expect(obstacles).toEqual([
      {
        line: expect.any(Number),
        problem: `cannot add ${standard}: "eg", ${obstacle}; left unchanged: add it by hand`,
      },
    ]);
  });

  test.for([
    {
      name: 'an escaped key after the same key without escapes',
      obstacle: 'the result would not parse as the same object with one more label',
      text: `{"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"${owner}":"x"}},"\\u006detadata":{"labels":{"${owner}":"eg"}}}`,
    },
    {
      name: 'an escaped key after the same key without labels',
      obstacle: `the key ${owner} is not found`,
      text: `{"apiVersion":"v1","kind":"Pod","metadata":3,"\\u006detadata":{"labels":{"${owner}":"eg"}}}`,
    },
    {
      name: 'an escaped key of items after the same key without escapes',
      obstacle: `the key ${owner} is not found`,
      text: `{"apiVersion":"v1","kind":"List","items":3,"\\u0069tems":[{"apiVersion":"v1","kind":"List","\\u0069tems":[
        {"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"${owner}":"eg"}}}]}]}`.replaceAll('\n', ''),
    },
    {
      name: 'nesting too deep to be compared',
      obstacle: 'the result would not parse as the same object with one more label',
      text: `{"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"${owner}":"eg"}},"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    },
  ])('leaves JSON unchanged: $name', async ({ text, obstacle }) => {
    const { text: written, problems, obstacles } = await reviewText(text);
    expect(written).toBe(text);
    expect(problems).toEqual([]);
    expect(obstacles).toEqual([
      { line: 1, problem: `cannot add ${standard}: "eg", ${obstacle}; left unchanged: add it by hand` },
    ]);
  });

  test('keeps the other added labels of a document if one cannot be inserted', async () => {
    const item = (labels: string) => `- apiVersion: v1\n  kind: Pod\n  metadata:\n    labels:${labels}\n`;
    const plain = item(`\n      ${owner}: eg`);
    const header = 'x: y\napiVersion: v1\nkind: List\nitems:\n';
    const { text, obstacles } = await reviewText(`${header}${plain}${item(` !!map {${owner}: eg}`)}${plain}`);
    const added = `      ${standard}: "eg"\n`;
    expect(text).toBe(`${header}${plain}${added}${item(` !!map {${owner}: eg}`)}${plain}${added}`);
    expect(obstacles.map(({ line }) => line)).toEqual([10]);
  });
});
