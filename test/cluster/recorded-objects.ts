import { readFile } from 'node:fs/promises';
import type { KubernetesObject } from './objects.ts';

/** An object from a recorded review of Envoy Gateway, in a given namespace, with its own or another name. */
export async function recordedObject(file: string, namespace: string, name?: string): Promise<KubernetesObject> {
  const text = await readFile(new URL(`../fixtures/reviews/${file}.json`, import.meta.url), 'utf8');
  const { apiVersion, kind, metadata, spec } = JSON.parse(text).request.object;
  const { labels, ownerReferences, name: ownName } = metadata;
  return { apiVersion, kind, metadata: { namespace, name: name ?? ownName, labels, ownerReferences }, spec };
}

/** A printed table without ages, which differ, without the column widths that depend on them, and without trailing spaces. */
export function withoutAge(output: string): string {
  return output
    .replaceAll(/\b\d+[smhd]( |$)/gm, 'AGE ')
    .replaceAll(/ {2,}/g, '  ')
    .replaceAll(/ +$/gm, '');
}
