import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startControlPlane } from './control-plane.ts';
import { policyFlags } from './policies.ts';

const HOW_TO_RUN_THEM = 'set KUBEBUILDER_ASSETS=$(setup-envtest use -p path) to run them against a real API server';

/**
 * Starts a control plane for the cluster tests, and ends it after them.
 *
 * Without KUBEBUILDER_ASSETS, the tests are skipped and a line says so. With REQUIRE_CLUSTER=1, that is an error.
 */
export async function setup(project: TestProject, controllers?: string): Promise<(() => Promise<void>) | undefined> {
  const { KUBEBUILDER_ASSETS: assets } = process.env;
  if (!assets) {
    skip(`cluster tests skipped: ${HOW_TO_RUN_THEM}`);
    project.provide('cluster', null);
    return undefined;
  }

  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-cluster-')));
  const flags = await policyFlags(resolve(assets));
  const { cluster } = stack.use(await startControlPlane(resolve(assets), directory.path, flags, controllers));
  if (!cluster.hasControllers) skip(`tests of Deployments skipped: ${assets} has no kube-controller-manager`);
  project.provide('cluster', cluster);
  const started = stack.move();
  return () => started.disposeAsync();
}

function skip(line: string): void {
  if (process.env['REQUIRE_CLUSTER']) throw new Error(`REQUIRE_CLUSTER is set, but: ${line}`);
  console.log(line);
}
