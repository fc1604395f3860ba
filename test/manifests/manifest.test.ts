import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { reviewDocument } from '../../src/manifests/manifest.ts';
import type { ReviewedObject } from '../../src/manifests/objects.ts';
import { RECORDED_REASONS, RECORDED_REVIEWS, recorded } from '../support/reviews.ts';

const { standard, owner } = GATEWAY_LABELS;

const review = (text: string) => reviewDocument({ text, number: 1, line: 1 }, 'both');

function reviewed(text: string) {
  const result = review(text);
  if ('problem' in result) throw new Error(result.problem);
  return result;
}

const facts = ({ kind, namespace, name, generateName, decision }: ReviewedObject) => ({
  kind,
  namespace,
  name,
  generateName,
  reason: decision.reason,
});

/** A Service with these lines as its labels. */
const service = (labels: string) =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  labels:\n${labels}spec: {}\n`;

describe('reviewDocument()', () => {
  test.for(RECORDED_REVIEWS)('reviews %s as the webhook answers it', (file) => {
    const { request } = recorded(file);
    expect(reviewed(JSON.stringify(recorded(file))).objects.map(facts)).toEqual([
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
      text: `apiVersion: v1\nkind: Pod\nmetadata: {namespace: n, name: p, labels: {${owner}: eg}}`,
      objects: [{ kind: 'Pod', namespace: 'n', name: 'p', reason: 'added-standard' }],
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
      name: 'a PodList, whose items have no kind',
      text: 'apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: p}}]',
      objects: [{ kind: 'Pod', name: 'p', reason: 'no-gateway' }],
    },
    {
      name: 'an object whose labels are null',
      text: 'apiVersion: v1\nkind: Pod\nmetadata: {labels: , annotations: }',
      objects: [{ kind: 'Pod', reason: 'no-gateway' }],
    },
    {
      name: 'a null label, the empty string of the API server',
      text: `apiVersion: v1\nkind: Pod\nmetadata: {labels: {${owner}: }}`,
      objects: [{ kind: 'Pod', reason: 'invalid-value' }],
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
      name: 'an AdmissionReview without object',
      text: '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object":null}}',
      objects: [{ kind: 'unknown', reason: 'no-gateway' }],
    },
    {
      name: 'an AdmissionReview as YAML',
      text: 'apiVersion: admission.k8s.io/v1\nkind: AdmissionReview\nrequest: {uid: u, name: r, namespace: n, kind: {kind: Pod}}',
      objects: [{ kind: 'Pod', name: 'r', namespace: 'n', reason: 'no-gateway' }],
    },
    {
      name: 'kinds that the webhook is not registered for',
      text: `apiVersion: apps/v1\nkind: Deployment\nmetadata: {labels: {${owner}: eg}}`,
      objects: [],
    },
    {
      name: 'a Service of somebody else',
      text: `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {labels: {${owner}: eg}}`,
      objects: [],
    },
    { name: 'something of the name of a list', text: 'apiVersion: v1\nkind: AllowList\nitems: 3', objects: [] },
    { name: 'comments alone', text: '---\n# nothing\n', objects: [] },
    { name: 'nothing', text: '', objects: [] },
  ])('reviews $name', ({ text, objects }) => {
    const found = reviewed(text).objects.map(facts);
    expect(found).toEqual(
      objects.map((object) => ({ namespace: undefined, name: undefined, generateName: undefined, ...object })),
    );
  });

  test.for([
    { line: 2, problem: 'Map keys must be unique', text: 'a: 1\na: 2\n' },
    { line: 2, problem: 'Nested mappings are not allowed in compact mappings', text: 'a: 1\nb: c: d\n' },
    { line: 4, problem: 'Flow map must end with a }', text: '{"a":\n1,\n"b": "c"\n' },
    { line: 1, problem: 'expected a Kubernetes object', text: 'just words' },
    { line: 2, problem: 'expected a Kubernetes object', text: '---\n- a\n- b\n' },
    { line: 1, problem: 'expected a Kubernetes object with apiVersion and kind', text: 'kind: Pod' },
    { line: 1, problem: 'expected a Kubernetes object with apiVersion and kind', text: 'apiVersion: v1' },
    { line: 4, problem: 'expected a Kubernetes object', text: 'apiVersion: v1\nkind: List\nitems:\n- a\n' },
    { line: 3, problem: 'metadata is not a mapping', text: 'apiVersion: v1\nkind: Pod\nmetadata: 3\n' },
    { line: 4, problem: 'labels is not a mapping', text: 'apiVersion: v1\nkind: Pod\nmetadata:\n  labels: []\n' },
    { line: 6, problem: `${owner} is 123, expected a string: put it in quotes`, text: service(`    ${owner}: 123\n`) },
    {
      line: 3,
      problem: 'a is true, expected a string: put it in quotes',
      text: '{"apiVersion": "v1",\n"kind": "Pod", "metadata": {"annotations":\n{"a": true}}}',
    },
    {
      line: 5,
      problem: 'a is 1, expected a string: put it in quotes',
      text: 'apiVersion: v1\nkind: Pod\nx: &x {a: 1}\nmetadata:\n  labels: {<<: *x}\n',
    },
    {
      line: 1,
      problem: 'apiVersion is "admission.k8s.io/v1beta1", expected "admission.k8s.io/v1"',
      text: 'apiVersion: admission.k8s.io/v1beta1\nkind: AdmissionReview',
    },
    {
      line: 1,
      problem: 'Unresolved alias (the anchor must be set before the alias): x',
      text: 'apiVersion: v1\nkind: *x\n',
    },
    {
      line: 1,
      problem: 'Excessive alias count indicates a resource exhaustion attack',
      text: `a: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e'].map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcd'[index]}`)}]`).join('\n')}`,
    },
  ])('names line and reason: $problem', ({ text, line, problem }) => {
    expect(review(text)).toEqual({ problem, line });
  });

  test('counts lines from where the document stands in its file', () => {
    expect(reviewDocument({ text: 'a: 1\na: 2\n', number: 7, line: 100 }, 'both')).toMatchObject({ line: 101 });
  });
});

describe('labelled()', () => {
  test.for([
    {
      name: 'after the label it copies, comments and all',
      text: service(`    # whose\n    ${owner}: eg # this one\n    team: "1"\n`),
      added: `    ${standard}: eg\n`,
      after: '# this one\n',
    },
    {
      name: 'the other direction',
      text: service(`    ${standard}: 'eg'\n`),
      added: `    ${owner}: 'eg'\n`,
      after: "'eg'\n",
    },
    {
      name: 'in the quotes of the label it copies',
      text: service(`    "${owner}":   "eg"\n`),
      added: `    "${standard}":   "eg"\n`,
      after: '"eg"\n',
    },
    {
      name: 'with Windows line ends',
      text: service(`    ${owner}: eg\n`).replaceAll('\n', '\r\n'),
      added: `    ${standard}: eg\r\n`,
      after: 'eg\r\n',
    },
    {
      name: 'at the end of a file without line end',
      text: `apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    ${owner}: eg`,
      added: `\n    ${standard}: eg`,
      after: 'eg',
    },
    {
      name: 'in a flow mapping',
      text: `{apiVersion: v1, kind: Pod, metadata: {labels: {a: b, ${owner}: eg }}}`,
      added: `, ${standard}: eg`,
      after: `${owner}: eg`,
    },
    {
      name: 'in compact JSON',
      text: `{"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"${owner}":"eg","a":"b"}}}`,
      added: `,"${standard}":"eg"`,
      after: `${owner}":"eg"`,
    },
    {
      name: 'in JSON with spaces',
      text: `{"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"${owner}": "eg"}}}`,
      added: `, "${standard}": "eg"`,
      after: `${owner}": "eg"`,
    },
    {
      name: 'in indented JSON',
      text: `{\n\t"apiVersion": "v1",\n\t"kind": "Pod",\n\t"metadata": {\n\t\t"labels": {\n\t\t\t"${owner}": "eg"\n\t\t}\n\t}\n}\n`,
      added: `,\n\t\t\t"${standard}": "eg"`,
      after: `${owner}": "eg"`,
    },
    {
      name: 'in the object of an AdmissionReview',
      text: `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object":{"metadata":{"labels":{"${owner}":"eg"}}}}}`,
      added: `,"${standard}":"eg"`,
      after: `${owner}":"eg"`,
    },
  ])('adds one label and changes nothing else: $name', ({ text, added, after }) => {
    const place = text.lastIndexOf(after) + after.length;
    expect(reviewed(text).labelled()).toBe(text.slice(0, place) + added + text.slice(place));
  });

  test('adds labels to every object of a list', () => {
    const item = `- metadata:\n    labels:\n      ${owner}: eg\n`;
    const text = `apiVersion: v1\nkind: PodList\nitems:\n${item}${item}- metadata: {labels: {${standard}: eg}}\n`;
    const labelled = reviewed(text).labelled();
    const added = `      ${standard}: eg\n`;
    expect(labelled).toBe(
      `apiVersion: v1\nkind: PodList\nitems:\n${item}${added}${item}${added}- metadata: {labels: {${standard}: eg, ${owner}: eg}}\n`,
    );
  });

  test.for([
    { name: 'no object', text: '# just a comment\n' },
    { name: 'a complete one', text: service(`    ${owner}: eg\n    ${standard}:   eg\n`) },
    { name: 'odd but valid style', text: 'apiVersion:   v1\nkind : "Pod"\nmetadata: {  labels: {a: b}   }\n' },
  ])('gives back $name as it came', ({ text }) => {
    expect(reviewed(text).labelled()).toBe(text);
  });

  test.for([
    {
      name: 'an anchor that a selector refers to',
      text: `apiVersion: v1\nkind: Service\nmetadata:\n  labels: &l # mine\n    ${owner}: eg\nspec:\n  selector: *l\n`,
      comment: '# mine',
    },
    {
      name: 'labels that are an alias',
      text: `apiVersion: v1\nkind: Service\nspec:\n  selector: &l # mine\n    ${owner}: eg\nmetadata:\n  labels: *l\n`,
      comment: '# mine',
    },
    {
      name: 'a label from a merge key',
      text: `apiVersion: v1\nkind: Service\nx: &l {${owner}: eg} # mine\nmetadata:\n  labels:\n    <<: *l\n    a: b\n`,
      comment: '# mine',
    },
    { name: 'an explicit key', text: service(`    ? ${owner}\n    : eg\n`), comment: '' },
    { name: 'a value of several lines', text: service(`    # mine\n    ${owner}: |-\n      eg\n`), comment: '# mine' },
    { name: 'a value on a line of its own', text: service(`    ${owner}:\n      eg # mine\n`), comment: '# mine' },
    { name: 'an anchor at the value', text: service(`    ${owner}: &name eg\n`), comment: '' },
  ])('writes anew what cannot be added to in place, the object otherwise as it was: $name', ({ text, comment }) => {
    const labelled = reviewed(text).labelled();
    const before = parse(text, { merge: true });
    const expected = {
      ...before,
      metadata: { ...before.metadata, labels: { ...before.metadata.labels, [standard]: 'eg' } },
    };
    expect(parse(labelled, { merge: true })).toEqual(expected);
    expect(labelled).toContain(comment);
    expect(labelled).not.toMatch(/[&*]l\b/);
    expect(parseAllDocuments(labelled)).toHaveLength(1);
  });

  test('puts a value in quotes that another YAML parser would take for something else', () => {
    const text = `apiVersion: v1\nkind: Service\nmetadata:\n  labels: &l\n    ${owner}: "on"\nspec: {selector: *l}\n`;
    expect(reviewed(text).labelled()).toContain(`    ${standard}: "on"\n`);
  });

  test('copies the last of two equal JSON keys, the one that counts', () => {
    const text = `{"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"${owner}":"a","${owner}":"b"}}}`;
    expect(JSON.parse(reviewed(text).labelled()).metadata.labels[standard]).toBe('b');
  });
});
