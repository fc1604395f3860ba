import { describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { downloadFiles } from '../chart/foreign-crds.ts';
import { eventually } from '../cluster/eventually.ts';
import { kubectl, tryKubectl } from '../cluster/kubectl.ts';
import { createNamespace } from '../cluster/objects.ts';
import { documentedBlock } from '../support/documented.ts';

const CRD = {
  module: 'github.com/envoyproxy/gateway@v1.9.1',
  files: ['charts/gateway-helm/charts/crds/crds/generated/gateway.envoyproxy.io_envoyproxies.yaml'],
};

describe.skipIf(!inject('cluster') || !inject('go'))('the EnvoyProxy in docs/envoy-gateway.md', () => {
  test('is one by the CRD of Envoy Gateway', async () => {
    const [crd = ''] = await downloadFiles(String(inject('go')), CRD);
    await kubectl(['apply', '--server-side', '-f', crd]);
    const proxy = parse(documentedBlock('docs/envoy-gateway.md', 'yaml', 'kind: EnvoyProxy'));
    const namespaced = { ...proxy, metadata: { ...proxy.metadata, namespace: await createNamespace() } };
    const args = ['create', '--dry-run=server', '--validate=strict', '-f', '-'];
    await eventually('the kind to be served', async () => {
      const { exitCode } = await tryKubectl(['get', 'envoyproxies.gateway.envoyproxy.io']);
      return exitCode === 0 || undefined;
    });
    expect(await kubectl(args, namespaced)).toContain('created (server dry run)');
  });
});
