import type { TestProject } from 'vitest/node';
import { setup as setUpCluster } from '../cluster/global-setup.ts';
import { downloadForeignCRDs } from './foreign-crds.ts';
import { findProgram } from './programs.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The path of Helm; null if it is not installed. */
    readonly helm: string | null;
    /** The path of Helm 3; null if it is not installed. */
    readonly helm3: string | null;
    /** The path of Prometheus' promtool; null if it is not installed. */
    readonly promtool: string | null;
    /** The path of Go; null if it is not installed. */
    readonly go: string | null;
    /** The files of other projects' CRDs; null if Go, which downloads them, is not installed. */
    readonly foreignCRDs: readonly string[] | null;
  }
}

/**
 * Provides the chart's tests with Helm, Helm 3, promtool, Go, other projects' CRDs and a control plane.
 *
 * If one is missing, the tests that need it are skipped and a line says so. With REQUIRE_CLUSTER=1, that is an error.
 */
export async function setup(project: TestProject, controllers?: string): Promise<(() => Promise<void>) | undefined> {
  const { KUBEBUILDER_ASSETS: assets, PROMTOOL: promtool } = process.env;
  const programs = {
    helm: findProgram('helm', assets || undefined),
    helm3: findProgram('helm3', assets || undefined),
    promtool: promtool || findProgram('promtool'),
    go: findProgram('go'),
  };
  const install = 'put helm in the PATH or in KUBEBUILDER_ASSETS to run them';
  // Otherwise `npm run golden` would write nothing and look like a success.
  if (!programs.helm && project.vitest.config.snapshotOptions.updateSnapshot === 'all')
    throw new Error(`Cannot update golden files without Helm: ${install}`);
  if (!programs.helm) skip(`chart tests skipped: ${install}`);
  if (!programs.helm3) skip('tests with Helm 3 skipped: put helm3 in the PATH or in KUBEBUILDER_ASSETS to run them');
  if (!programs.promtool) skip("tests of the chart's alerts skipped: put promtool in the PATH or set PROMTOOL");
  if (!programs.go) skip("tests with other projects' libraries and CRDs skipped: put go in the PATH to run them");

  project.provide('helm', programs.helm ?? null);
  project.provide('helm3', programs.helm3 ?? null);
  project.provide('promtool', programs.promtool ?? null);
  project.provide('go', programs.go ?? null);
  project.provide('foreignCRDs', programs.go ? await downloadForeignCRDs(programs.go) : null);
  return setUpCluster(project, controllers);
}

function skip(line: string): void {
  if (process.env['REQUIRE_CLUSTER']) throw new Error(`REQUIRE_CLUSTER is set, but: ${line}`);
  console.log(line);
}
