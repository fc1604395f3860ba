import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Go modules with the CRDs of the kinds in the chart that Kubernetes does not provide. */
const MODULES = [
  {
    module: 'github.com/cert-manager/cert-manager@v1.21.2',
    files: ['deploy/crds/cert-manager.io_certificates.yaml', 'deploy/crds/cert-manager.io_issuers.yaml'],
  },
  {
    module: 'github.com/prometheus-operator/prometheus-operator@v0.85.0',
    files: ['prometheusrules', 'servicemonitors'].map(
      (plural) => `example/prometheus-operator-crd/monitoring.coreos.com_${plural}.yaml`,
    ),
  },
];

/** Files of a Go module. */
interface ModuleFiles {
  readonly module: string;
  readonly files: readonly string[];
}

/** Downloads the CRDs that the chart's tests need, and returns their paths. */
export async function downloadForeignCRDs(go: string): Promise<readonly string[]> {
  return (await Promise.all(MODULES.map((files) => downloadFiles(go, files)))).flat();
}

/** Downloads files with `go`, which checks their sums and keeps them, and returns their paths. */
export async function downloadFiles(go: string, { module, files }: ModuleFiles): Promise<readonly string[]> {
  // Outside of any Go module that this clone may be in.
  const { stdout } = await promisify(execFile)(go, ['mod', 'download', '-json', module], { cwd: tmpdir() });
  const { Dir: directory } = JSON.parse(stdout) as { Dir: string };
  return files.map((file) => join(directory, file));
}
