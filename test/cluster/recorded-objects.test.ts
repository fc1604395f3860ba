import { expect } from 'vitest';
import { RECORDED_REASONS, recorded } from '../support/reviews.ts';
import { describeCluster, test } from './cluster-test.ts';
import { kubectl } from './kubectl.ts';
import { createNamespace, type KubernetesObject, STANDARD, stored } from './objects.ts';

const CREATED = Object.entries(RECORDED_REASONS)
  .map(([file, reason]) => ({ file, reason, request: recorded(file).request }))
  .filter(({ request }) => request.operation === 'CREATE')
  .map(({ file, reason, request }) => ({ file, reason, object: request.object as unknown as KubernetesObject }));

describeCluster('an object that Envoy Gateway or kubectl creates', () => {
  test.for(CREATED.filter(({ reason }) => reason === 'added-standard'))(
    '$file is stored with the standard label, and otherwise as without the webhook',
    async ({ object }, { namespace }) => {
      const { withWebhook, without } = await storeTwice(object, namespace);

      const gateway = object.metadata.labels?.['gateway.envoyproxy.io/owning-gateway-name'];
      expect(gateway).toMatch(/^(eg|a-gateway-.{53})$/);
      const { metadata } = without;
      const labels = { ...metadata.labels, [STANDARD]: gateway };
      expect(withWebhook).toEqual({ ...without, metadata: { ...metadata, labels } });
    },
  );

  test.for(CREATED.filter(({ reason }) => reason === 'no-gateway'))(
    '$file is stored as without the webhook',
    async ({ object }, { namespace, webhook }) => {
      const decisions = await webhook.decisionsDuring(async () => {
        const { withWebhook, without } = await storeTwice(object, namespace);
        expect(withWebhook).toEqual(without);
      });

      expect(decisions).toEqual({});
    },
  );
});

/** Stores an object in a namespace that the webhook covers, and in one that it does not cover. */
async function storeTwice(object: KubernetesObject, namespace: string) {
  return {
    withWebhook: comparable(await store(object, namespace)),
    without: comparable(await store(object, await createNamespace())),
  };
}

async function store(object: KubernetesObject, namespace: string): Promise<KubernetesObject> {
  const { managedFields, ...metadata } = object.metadata;
  const manifest = { ...object, metadata: { ...metadata, namespace } };
  // Envoy Gateway applies objects with a name; controllers create Pods with a generated one.
  const command = metadata.name ? ['apply', '--server-side', '--field-manager=envoy-gateway'] : ['create'];
  const name = await kubectl([...command, '-o', 'jsonpath={.metadata.name}', '-f', '-'], manifest);
  return stored(object.kind, namespace, name);
}

/** The fields of a Service that the API server allocates. */
const ALLOCATED = new Set(['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort']);

/** An object without the fields that differ each time it is stored. */
function comparable({ metadata, ...object }: KubernetesObject): KubernetesObject {
  const { uid, resourceVersion, creationTimestamp, namespace, name, managedFields, ...lasting } = metadata;
  const managers = (managedFields as { time: string }[] | undefined)?.map(({ time, ...manager }) => manager);
  const json = JSON.stringify(object, (key, field) => (ALLOCATED.has(key) ? undefined : field));
  return {
    ...JSON.parse(json),
    metadata: { ...lasting, ...(!metadata.generateName && { name }), managedFields: managers },
  };
}
