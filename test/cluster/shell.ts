import { execFile } from 'node:child_process';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import { cluster } from './kubectl.ts';

/** Runs lines of a shell that finds kubectl, and by it the tests' cluster, as its administrator. */
export async function runShell(lines: readonly string[]): Promise<void> {
  const { assets, kubeconfig } = cluster();
  const PATH = `${assets}${delimiter}${process.env['PATH']}`;
  const env = { PATH, KUBECONFIG: kubeconfig, KUBECACHEDIR: `${kubeconfig}.cache` };
  await promisify(execFile)('sh', ['-ec', lines.join('\n')], { env });
}
