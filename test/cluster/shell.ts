import { execFile } from 'node:child_process';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import { cluster } from './kubectl.ts';

/** Runs shell lines that may call kubectl, as the administrator of the tests' cluster. */
export async function runShell(lines: readonly string[]): Promise<void> {
  const { assets, kubeconfig } = cluster();
  const PATH = `${assets}${delimiter}${process.env['PATH']}`;
  const env = { PATH, KUBECONFIG: kubeconfig, KUBECACHEDIR: `${kubeconfig}.cache` };
  await promisify(execFile)('sh', ['-ec', lines.join('\n')], { env });
}
