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

/** Downloads the CRDs with `go`, which checks their sums and caches them. Returns their paths. */
export async function downloadForeignCRDs(go: string): Promise<readonly string[]> {
  const paths = await Promise.all(
    MODULES.map(async ({ module, files }) => {
      // Outside of any Go module.
      const { stdout } = await promisify(execFile)(go, ['mod', 'download', '-json', module], { cwd: tmpdir() });
      const { Dir: directory } = JSON.parse(stdout) as { Dir: string };
      return files.map((file) => join(directory, file));
    }),
  );
  return paths.flat();
}
