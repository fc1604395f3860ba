import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Check } from '../../src/doctor/check.ts';
import { runCommand } from '../cluster/command.ts';
import { startControlPlane } from '../cluster/control-plane.ts';
import { eventually } from '../cluster/eventually.ts';
import { cluster, kubectl } from '../cluster/kubectl.ts';
import { OWNER, objectOf, STANDARD } from '../cluster/objects.ts';
import { runKubectl } from '../cluster/run-kubectl.ts';
import { CHART, tryHelm } from './helm.ts';
import { describeInstalled } from './installed.ts';

/** The flags that the chart suggests for Kubernetes 1.34 and 1.35. Older versions do not know the feature gate. */
const FLAGS = [
  '--feature-gates=MutatingAdmissionPolicy=true',
  '--runtime-config=admissionregistration.k8s.io/v1beta1=true',
];

describeInstalled('engine policy, with v1beta1 enabled if the API server supports it', () => {
  test('uses the newest served version, or names the Kubernetes version that serves one', async () => {
    const { serverVersion } = JSON.parse(await kubectl(['version', '-o', 'json']));
    const isServed = Number(serverVersion.minor) >= 34;
    await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-gated-'));
    await using controlPlane = await startControlPlane(cluster().assets, directory.path, isServed ? FLAGS : []);
    const { kubeconfig } = controlPlane.cluster;
    const install = ['install', 'x', CHART, '--kubeconfig', kubeconfig, '--set', 'engine=policy'];
    const installed = await tryHelm(install);
    if (!isServed) return expect(installed.stderr).toContain('MutatingAdmissionPolicy needs Kubernetes 1.34 or newer');
    expect(installed).toMatchObject({ exitCode: 0, stderr: '' });

    const { stdout: manifest } = await tryHelm(['get', 'manifest', 'x', '--kubeconfig', kubeconfig]);
    const version = Number(serverVersion.minor) >= 36 ? 'v1' : 'v1beta1';
    expect(manifest).toContain(`apiVersion: admissionregistration.k8s.io/${version}\nkind: MutatingAdmissionPolicy\n`);
    const object = objectOf('ServiceAccount', { namespace: 'default', labels: { [OWNER]: 'eg' } });
    await eventually('the policy to add a label', async () => {
      const create = ['create', '--dry-run=server', '-o', 'json', '-f', '-'];
      const { stdout } = await runKubectl(controlPlane.cluster, create, object);
      return JSON.parse(stdout).metadata.labels[STANDARD] === 'eg' || undefined;
    });

    const args = ['doctor', '--webhook-configuration=x-gateway-name-webhook', '-o', 'json'];
    const { checks } = JSON.parse((await runCommand(args, kubeconfig)).stdout) as { readonly checks: readonly Check[] };
    const judged = checks.filter(({ section }) => section === 'policies' || section === 'call');
    expect(judged.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });
});
