import { expect } from 'vitest';
import { parse } from 'yaml';
import { documentedBlock } from '../support/documented.ts';
import { describeCluster, test } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { kubectl } from './kubectl.ts';
import { createNamespace, OWNER, objectOf, STANDARD } from './objects.ts';

/** The MutatingWebhookConfiguration of docs/without-helm.md, as a reader copies it. */
function documentedRegistration() {
  const block = documentedBlock('docs/without-helm.md', 'yaml');
  return { block, url: /url: (\S+)/.exec(block)?.[1] ?? '' };
}

describeCluster('the registration in docs/without-helm.md', () => {
  test.for([
    { given: OWNER, added: STANDARD },
    { given: STANDARD, added: OWNER },
  ])('with a URL and a caBundle in it, adds $added', async ({ given, added }, { webhook, onTestFinished }) => {
    const { block, url } = documentedRegistration();
    const client = await webhook.clientConfig();
    const filledIn = block.replaceAll(url, client.url).replace('caBundle: ""', `caBundle: ${client.caBundle}`);
    const configuration = parse(filledIn);
    expect(configuration.webhooks[1].clientConfig).toEqual(client);
    await kubectl(['apply', '-f', '-'], configuration);
    onTestFinished(async () => void (await kubectl(['delete', '-f', '-'], configuration)));

    const object = objectOf('ServiceAccount', { namespace: await createNamespace(), labels: { [given]: 'eg' } });
    const labels = await eventually('the API server to call the webhook', async () => {
      const created = JSON.parse(await kubectl(['create', '--dry-run=server', '-o', 'json', '-f', '-'], object));
      return created.metadata.labels[added] ? created.metadata.labels : undefined;
    });
    expect(labels).toEqual({ [given]: 'eg', [added]: 'eg' });
  });
});
