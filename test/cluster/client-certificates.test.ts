import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { documentedBlock } from '../support/documented.ts';
import { foreignCertificate } from '../support/openssl.ts';
import { describeCluster, test } from './cluster-test.ts';
import { startControlPlane } from './control-plane.ts';
import { eventually } from './eventually.ts';
import { cluster } from './kubectl.ts';
import { create, createNamespace, NAMESPACE_LABEL, OWNER, objectOf, STANDARD } from './objects.ts';
import { configurationOf, failOpensDuring, register } from './registration.ts';
import { runKubectl } from './run-kubectl.ts';
import { Webhook } from './webhook.ts';

const START_TIMEOUT_MS = 180_000;

/** Starts a webhook that requires client certificates from one CA, and writes such a certificate. */
async function startWebhook(directory: string) {
  const ca = foreignCertificate({ commonName: 'CA of API servers' });
  const client = foreignCertificate({ commonName: 'an API server', isCA: false, issuer: ca });
  const file = (name: string) => join(directory, name);
  await writeFile(file('client-ca.crt'), ca.cert);
  await writeFile(file('client.crt'), client.cert);
  await writeFile(file('client.key'), client.key);
  return Webhook.start({ args: ['--client-ca', file('client-ca.crt')] });
}

/** Writes the files of docs/certificates.md, with the paths and the name of this test. Returns the flag of the API server. */
async function admissionFlags(directory: string, user: string): Promise<string[]> {
  const admission = documentedBlock('docs/certificates.md', 'yaml', 'kind: AdmissionConfiguration');
  const clients = documentedBlock('docs/certificates.md', 'yaml', 'client-certificate:');
  const here = (text: string) =>
    text
      .replaceAll('/etc/kubernetes/webhook-client.', join(directory, 'client.'))
      .replaceAll('/etc/kubernetes/', `${directory}/`)
      .replace('gateway-name-webhook.gateway-name-webhook.svc', user);
  await writeFile(join(directory, 'admission.yaml'), here(admission));
  await writeFile(join(directory, 'webhook-clients.yaml'), here(clients));
  return ['--admission-control-config-file', join(directory, 'admission.yaml')];
}

const temporary = () => mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-mtls-'));

describeCluster('a webhook with --client-ca', () => {
  test('labels objects for an API server with a certificate from this CA', { timeout: START_TIMEOUT_MS }, async () => {
    await using directory = await temporary();
    await using webhook = await startWebhook(directory.path);
    const flags = await admissionFlags(directory.path, `localhost:${webhook.port}`);
    await using controlPlane = await startControlPlane(cluster().assets, directory.path, flags);
    const kubectl = (args: readonly string[], manifest?: unknown) => runKubectl(controlPlane.cluster, args, manifest);

    const configuration = configurationOf('mutual', await webhook.clientConfig());
    await kubectl(['create', '-f', '-'], configuration);
    await kubectl(['label', 'namespace', 'default', `${NAMESPACE_LABEL}=mutual`]);
    const object = objectOf('ServiceAccount', { namespace: 'default', name: 'eg', labels: { [OWNER]: 'eg' } });
    const labels = await eventually('the label', async () => {
      const { stdout } = await kubectl(['create', '--dry-run=server', '-o', 'json', '-f', '-'], object);
      const { metadata } = JSON.parse(stdout || '{"metadata": {}}');
      return metadata.labels?.[STANDARD] === undefined ? undefined : metadata.labels;
    });
    expect(labels).toEqual({ [OWNER]: 'eg', [STANDARD]: 'eg' });
    expect(webhook.log.filter(({ msg }) => msg === 'refused a request')).toEqual([]);
  });

  test('fails open for an API server without a certificate, and logs why', async () => {
    await using directory = await temporary();
    await using webhook = await startWebhook(directory.path);
    await using registration = await register(await webhook.clientConfig());
    const namespace = await createNamespace(registration);
    const object = objectOf('ServiceAccount', { namespace, name: 'eg', labels: { [OWNER]: 'eg' } });
    const failOpens = await failOpensDuring(async () => {
      expect((await create(object)).metadata.labels).toEqual({ [OWNER]: 'eg' });
    });
    expect(failOpens).toEqual({ [registration.addStandard]: 1 });
    expect(webhook.log).toContainEqual(
      expect.objectContaining({
        msg: 'refused a request',
        statusCode: 403,
        reason: 'a client certificate is required',
      }),
    );
  });
});
