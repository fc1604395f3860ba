import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'yaml';
import { isRecord } from '../../src/admission/review.ts';
import { recorded } from '../support/reviews.ts';

export const FORMS = ['json', 'yaml'] as const;
export type Form = (typeof FORMS)[number];

/**
 * Writes a List of Pods, of so many bytes or a little more, as `kubectl get pods -A` prints it. Each lacks a label: the most work
 * that `review` can have. Returns how many there are.
 */
export async function writePodList(path: string, form: Form, bytes: number): Promise<number> {
  const pod = storedPod();
  let count = 0;
  function* texts(): Generator<string> {
    const { begin, item, between, end } = LAYOUTS[form];
    yield begin;
    for (let written = 0; written < bytes; count += 1) {
      const metadata = { ...pod.metadata, name: `envoy-${String(count).padStart(6, '0')}` };
      const text = (count === 0 ? '' : between) + item({ ...pod, metadata });
      written += text.length;
      yield text;
    }
    yield end;
  }
  await pipeline(Readable.from(texts()), createWriteStream(path));
  return count;
}

/** The recorded Pod as kubectl shows one: without the managers of its fields. */
function storedPod() {
  const { object } = recorded('envoy-pod-63-characters.json').request;
  if (!isRecord(object) || !isRecord(object['metadata'])) throw new Error('The recorded review has no Pod');
  const { managedFields: _, ...metadata } = object['metadata'];
  return { apiVersion: 'v1', kind: 'Pod', ...object, metadata };
}

interface Layout {
  readonly begin: string;
  readonly item: (pod: object) => string;
  readonly between: string;
  readonly end: string;
}

/** kubectl indents JSON by four spaces, and lists of YAML not at all. */
const LAYOUTS: Readonly<Record<Form, Layout>> = {
  json: {
    begin: '{\n    "apiVersion": "v1",\n    "items": [\n',
    item: (pod) => JSON.stringify(pod, undefined, 4).replaceAll(/^/gm, '        '),
    between: ',\n',
    end: '\n    ],\n    "kind": "List",\n    "metadata": {\n        "resourceVersion": ""\n    }\n}\n',
  },
  yaml: {
    begin: 'apiVersion: v1\nitems:\n',
    item: (pod) => stringify([pod], { indentSeq: false, lineWidth: 0 }),
    between: '',
    end: 'kind: List\nmetadata:\n  resourceVersion: ""\n',
  },
};
