import { readFile } from 'node:fs/promises';
import type { KubernetesObject } from './objects.ts';

/** An object as Envoy Gateway's reviews recorded it, in a namespace, under its own or another name. */
export async function recordedObject(file: string, namespace: string, name?: string): Promise<KubernetesObject> {
  const text = await readFile(new URL(`../fixtures/reviews/${file}.json`, import.meta.url), 'utf8');
  const { apiVersion, kind, metadata, spec } = JSON.parse(text).request.object;
  const { labels, ownerReferences, name: ownName } = metadata;
  return { apiVersion, kind, metadata: { namespace, name: name ?? ownName, labels, ownerReferences }, spec };
}

/** A table as printed, but for ages, which differ, the widths of columns with them, and spaces at the ends of lines. */
export function withoutAge(output: string): string {
  return output
    .replaceAll(/\b\d+[smhd]( |$)/gm, 'AGE ')
    .replaceAll(/ {2,}/g, '  ')
    .replaceAll(/ +$/gm, '');
}
