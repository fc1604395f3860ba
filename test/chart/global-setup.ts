import type { TestProject } from 'vitest/node';
import { setup as setUpCluster } from '../cluster/global-setup.ts';
import { downloadForeignCRDs } from './foreign-crds.ts';
import { findProgram } from './programs.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The path of Helm; null on a machine without it. */
    readonly helm: string | null;
    /** The path of Helm 3; null on a machine without it. */
    readonly helm3: string | null;
    /** The path of Prometheus' promtool; null on a machine without it. */
    readonly promtool: string | null;
    /** The path of Go; null on a machine without it. */
    readonly go: string | null;
    /** The files of other projects' CRDs; null on a machine without Go, which fetches them. */
    readonly foreignCRDs: readonly string[] | null;
  }
}

/**
 * Gives the chart's tests Helm, Helm 3, promtool, Go, other projects' CRDs and a control plane.
 *
 * Tests that need what is not there are skipped, with one line that says so; REQUIRE_CLUSTER=1 makes that an error.
 */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { KUBEBUILDER_ASSETS: assets, PROMTOOL: promtool } = process.env;
  const programs = {
    helm: findProgram('helm', assets || undefined),
    helm3: findProgram('helm3', assets || undefined),
    promtool: promtool || findProgram('promtool'),
    go: findProgram('go'),
  };
  const withoutHelm = 'put helm into the PATH or into KUBEBUILDER_ASSETS to run them';
  // `npm run golden` would write nothing and look like a success.
  if (!programs.helm && project.vitest.config.snapshotOptions.updateSnapshot === 'all')
    throw new Error(`Cannot update golden files without Helm: ${withoutHelm}`);
  if (!programs.helm) skip(`chart tests skipped: ${withoutHelm}`);
  if (!programs.helm3)
    skip('tests with Helm 3 skipped: put it as helm3 into the PATH or into KUBEBUILDER_ASSETS to run them');
  if (!programs.promtool)
    skip("tests of the chart's alerts skipped: put promtool into the PATH or name it by PROMTOOL");
  if (!programs.go) skip("tests with other projects' libraries and CRDs skipped: put go into the PATH to run them");

  project.provide('helm', programs.helm ?? null);
  project.provide('helm3', programs.helm3 ?? null);
  project.provide('promtool', programs.promtool ?? null);
  project.provide('go', programs.go ?? null);
  project.provide('foreignCRDs', programs.go ? await downloadForeignCRDs(programs.go) : null);
  return setUpCluster(project);
}

function skip(line: string): void {
  if (process.env['REQUIRE_CLUSTER']) throw new Error(`REQUIRE_CLUSTER is set, but: ${line}`);
  console.log(line);
}
