import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { decide, GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import scalars from '../fixtures/kubectl/scalars.json' with { type: 'json' };
import { manifests } from '../support/manifest-writers.ts';
import { reviewText } from '../support/reviewed-text.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { describeCluster } from './cluster-test.ts';
import { type Cluster, runKubectl } from './run-kubectl.ts';

interface ReadObject {
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, unknown>> };
}

/** Returns the objects of all texts that the reader can read, by their names. */
type Reader = (texts: readonly Buffer[]) => Promise<ReadonlyMap<string, ReadObject>>;

/** With these arguments, kubectl reads objects of any kind without an API server. */
const ANNOTATE = ['annotate', '--local', '-o', 'json', '-f'];

interface Reviewed {
  readonly before: Buffer;
  readonly after: Buffer;
  readonly isNamed: boolean;
}

/** Without a cluster, `npm test` reads fewer texts to save time. */
const TEXTS = inject('cluster') ? 1_000 : 300;
const ENCODINGS = [
  (text: string) => Buffer.from(text),
  (text: string) => Buffer.from(text),
  (text: string) => Buffer.from(text),
  (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
];

/** Returns texts before and after the review. Their objects are named after the index of the text: `t12-0`. */
async function reviewedTexts(seed: number): Promise<Reviewed[]> {
  const texts = fc.sample(manifests, { numRuns: TEXTS, seed }).map((text, index) => {
    let count = 0;
    const encode = ENCODINGS[index % ENCODINGS.length] ?? Buffer.from;
    return encode(text.replaceAll('NAME', () => `t${index}-${count++}`));
  });
  return Promise.all(
    texts.map(async (before) => {
      const { bytes, problems, obstacles } = await reviewText(before);
      return { before, after: bytes, isNamed: problems.length + obstacles.length > 0 };
    }),
  );
}

/** Returns the label that only `after` has. Fails if anything else differs. */
function addedLabel(before: ReadObject, after: ReadObject | undefined): [string, unknown] | undefined {
  const labels = { ...after?.metadata.labels };
  const added = Object.entries(labels).filter(([key]) => !Object.hasOwn(before.metadata.labels ?? {}, key));
  for (const [key] of added) delete labels[key];
  expect(after && { ...after, metadata: { ...after.metadata, labels } }).toEqual({
    ...before,
    metadata: { ...before.metadata, labels: { ...before.metadata.labels } },
  });
  expect(added.length).toBeLessThan(2);
  return added[0];
}

/** Asserts that a reader finds the same objects before and after, and returns the added label of each. */
async function compare(reader: Reader, texts: readonly Reviewed[]) {
  const before = await reader(texts.map(({ before }) => before));
  const after = await reader(texts.map(({ after }) => after));
  expect([...after.keys()].toSorted()).toEqual([...before.keys()].toSorted());
  return [...before].map(([name, object]) => {
    const index = Number(/\d+/.exec(name));
    const text = texts[index];
    try {
      return { object, added: addedLabel(object, after.get(name)), isNamed: text?.isNamed };
    } catch (cause) {
      throw new Error(`${name} differs after the review:\n${text?.after}\nbefore the review:\n${text?.before}`, {
        cause,
      });
    }
  });
}

const seed = Date.now() % 1_000_000;

describeCluster(`review -o yaml, read by kubectl (seed ${seed})`, () => {
  const cluster = inject('cluster') as Cluster;

  const kubectl: Reader = async (texts) => {
    const directory = temporaryDirectory();
    await Promise.all(texts.map((text, index) => writeFile(join(directory, `${index}.yaml`), text)));
    // kubectl prints the objects that it can read, one after another.
    const { stdout } = await runKubectl(cluster, [...ANNOTATE, directory, 'read=yes']);
    const objects = stdout.split(/^(?=\{)/m).filter((text) => text.trim() !== '');
    return byName(objects.map((text) => JSON.parse(text)));
  };

  test('adds the label that the rule requires, and changes nothing else', async () => {
    const compared = await compare(kubectl, await reviewedTexts(seed));
    let labelled = 0;
    for (const { object, added, isNamed } of compared) {
      const { add } = object.kind === 'ConfigMap' ? {} : decide(object.metadata as object, 'both');
      if (added) labelled += 1;
      if (added || !isNamed) expect({ object, added }).toEqual({ object, added: add && [add.key, add.value] });
    }
    console.log(`kubectl read ${compared.length} objects, ${labelled} of them with an added label`);
    expect(labelled).toBeGreaterThan(TEXTS / 3);
  }, 120_000);

  test('treats scalars as strings or not, as the table says', async () => {
    const { strings, others } = scalars;
    const spec = [...strings, ...others].map((scalar) => `- ${scalar}\n`).join('');
    const manifest = `apiVersion: x/v1\nkind: X\nmetadata: {name: a}\nspec:\n${spec}`;
    const file = join(temporaryDirectory(), 'scalars.yaml');
    await writeFile(file, manifest);
    const { stdout, stderr } = await runKubectl(cluster, [...ANNOTATE, file, 'read=yes']);
    expect(stderr).toBe('');
    const isString = JSON.parse(stdout).spec.map((value: unknown) => typeof value === 'string');
    expect(isString).toEqual([...strings.map(() => true), ...others.map(() => false)]);
  });
});

const READ_YAML = new URL('read_yaml.py', import.meta.url).pathname;

/** Runs read_yaml.py; resolves to undefined if Python or PyYAML is missing. */
function python(input: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = execFile('python3', [READ_YAML], { maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (/No module named 'yaml'|ENOENT/.test(error.message + stderr)) resolve(undefined);
      else reject(error);
    });
    child.stdin?.on('error', () => undefined).end(input);
  });
}

const hasPython = (await python('[]')) !== undefined;

describe.skipIf(!hasPython && !process.env['REQUIRE_CLUSTER'])(`review -o yaml, read by PyYAML (seed ${seed})`, () => {
  const pyYaml: Reader = async (texts) => {
    const output = await python(JSON.stringify(texts.map((text) => text.toString('base64'))));
    const reads: (unknown[] | string)[] = JSON.parse(String(output));
    return byName(reads.flatMap((documents) => (Array.isArray(documents) ? documents.flatMap(itemsOf) : [])));
  };

  test('adds at most one label, and changes nothing else', async () => {
    const compared = await compare(pyYaml, await reviewedTexts(seed));
    const added = compared.flatMap(({ added }) => (added ? [added] : []));
    for (const [key, value] of added) {
      expect(Object.values<string>(GATEWAY_LABELS)).toContain(key.replace(/^str /, ''));
      expect(value).toMatch(/^str /);
    }
    console.log(`PyYAML read ${compared.length} objects, ${added.length} of them with an added label`);
    expect(added.length).toBeGreaterThan(TEXTS / 3);
  }, 120_000);
});

/** The objects of a document from read_yaml.py, whose keys and values contain their types. */
function itemsOf(document: unknown): unknown[] {
  const { 'str items': items } = Object(document);
  if (Array.isArray(items)) return items.flatMap(itemsOf);
  const { 'str metadata': metadata, ...rest } = Object(document);
  const { 'str name': name, 'str labels': labels, ...others } = Object(metadata);
  return [{ ...rest, metadata: { ...others, name, labels } }];
}

function byName(objects: readonly unknown[]): ReadonlyMap<string, ReadObject> {
  const named = objects.filter((object) => Object(object).metadata.name !== undefined) as ReadObject[];
  return new Map(named.map((object) => [object.metadata.name, object]));
}
