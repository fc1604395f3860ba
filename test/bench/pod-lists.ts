import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'yaml';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { recorded } from '../support/reviews.ts';

export const FORMS = ['json', 'yaml'] as const;
export type Form = (typeof FORMS)[number];

/** One Pod of how many is missing a label: every Pod, which is the most work for `review`, or one in ten, as in a real cluster. */
export const ONE_OF = [1, 10] as const;
export type OneOf = (typeof ONE_OF)[number];

/** Writes a List of Pods, of at least this many bytes, as `kubectl get pods -A` prints it. Returns the number of Pods. */
export async function writePodList(path: string, form: Form, bytes: number, oneOf: OneOf): Promise<number> {
  const pod = storedPod();
  const { [GATEWAY_LABELS.owner]: _, ...otherLabels } = pod.metadata.labels;
  let count = 0;
  function* texts(): Generator<string> {
    const { begin, item, between, end } = LAYOUTS[form];
    yield begin;
    for (let written = 0; written < bytes; count += 1) {
      const labels = count % oneOf === 0 ? pod.metadata.labels : otherLabels;
      const metadata = { ...pod.metadata, labels, name: `envoy-${String(count).padStart(6, '0')}` };
      const text = (count === 0 ? '' : between) + item({ ...pod, metadata });
      written += text.length;
      yield text;
    }
    yield end;
  }
  await pipeline(Readable.from(texts()), createWriteStream(path));
  return count;
}

/** The recorded Pod as kubectl shows it: without managedFields. */
function storedPod() {
  const { object } = recorded('envoy-pod-63-characters.json').request;
  const { managedFields: _, ...metadata } = (object as { metadata: PodMetadata }).metadata;
  return { apiVersion: 'v1', kind: 'Pod', ...object, metadata };
}

interface PodMetadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly managedFields: unknown;
}

interface Layout {
  readonly begin: string;
  readonly item: (pod: object) => string;
  readonly between: string;
  readonly end: string;
}

/** kubectl indents JSON by four spaces, and does not indent YAML lists. */
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
