import { cp, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { kubectl } from '../cluster/kubectl.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { CHART, objectsOf } from './helm.ts';

/** The file with the rendered chart, for kustomizations. */
export const RENDERED = 'rendered.yaml';

/** Runs `kubectl kustomize` for a kustomization that can refer to the rendered manifests and to the chart. */
export async function kustomize(
  kustomization: string,
  rendered: string,
  args: readonly string[] = [],
): Promise<KubernetesObject[]> {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-kustomize-'));
  await Promise.all([
    writeFile(join(directory.path, 'kustomization.yaml'), kustomization),
    writeFile(join(directory.path, RENDERED), rendered),
    // A copy: kustomize does not follow links out of its directory.
    cp(CHART, join(directory.path, 'charts', basename(CHART)), { recursive: true }),
  ]);
  return objectsOf(await kubectl(['kustomize', ...args, directory.path]));
}
