import { cp, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { kubectl } from '../cluster/kubectl.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { CHART, objectsOf } from './helm.ts';

/** The file that kustomizations here take the rendered chart from. */
export const RENDERED = 'rendered.yaml';

/** What `kubectl kustomize` makes of a kustomization, beside which there are the rendered manifests and the chart. */
export async function kustomize(
  kustomization: string,
  rendered: string,
  args: readonly string[] = [],
): Promise<KubernetesObject[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-kustomize-'));
  await Promise.all([
    writeFile(join(folder.path, 'kustomization.yaml'), kustomization),
    writeFile(join(folder.path, RENDERED), rendered),
    // A copy, as kustomize follows no links out of its folder.
    cp(CHART, join(folder.path, 'charts', basename(CHART)), { recursive: true }),
  ]);
  return objectsOf(await kubectl(['kustomize', ...args, folder.path]));
}
