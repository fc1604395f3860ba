import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Cluster, runKubectl } from './run-kubectl.ts';

const GROUP = 'admissionregistration.k8s.io';

/** The flags that enable MutatingAdmissionPolicy if it is off by default, as in 1.34 and 1.35. */
export async function policyFlags(assets: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)(join(assets, 'kube-apiserver'), ['--help']);
  if (!stdout.includes('MutatingAdmissionPolicy=true|false (BETA - default=false)')) return [];
  return ['--feature-gates=MutatingAdmissionPolicy=true', `--runtime-config=${GROUP}/v1beta1=true`];
}

/** The version in which an API server serves MutatingAdmissionPolicy; undefined if it does not. */
export async function servedPolicyVersion(
  cluster: Pick<Cluster, 'assets' | 'kubeconfig'>,
): Promise<string | undefined> {
  const { stdout } = await runKubectl(cluster, ['api-resources', `--api-group=${GROUP}`]);
  const [, version] = /^mutatingadmissionpolicies +\S+\/(\S+) /m.exec(stdout) ?? [];
  return version;
}
