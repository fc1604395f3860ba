import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect } from 'vitest';
import { describeCluster, test } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { create, createNamespace, OWNER, objectOf, STANDARD } from './objects.ts';
import { failOpensDuring, register } from './registration.ts';
import { Relay } from './relay.ts';
import { Webhook } from './webhook.ts';

const BOTH = { [OWNER]: 'eg', [STANDARD]: 'eg' };

describeCluster('the connections of the API server', () => {
  test('are reused after the serving certificate changes; only new connections get the new one', async () => {
    await using webhook = await Webhook.start();
    await using relay = await Relay.start(webhook.port);
    await using registration = await register(relay.inFrontOf(await webhook.clientConfig()));
    const namespace = await createNamespace(registration);
    const createOne = async () => {
      const object = objectOf('ServiceAccount', { namespace, generateName: 'eg-', labels: { [OWNER]: 'eg' } });
      expect((await create(object)).metadata.labels).toEqual(BOTH);
    };

    const failOpens = await failOpensDuring(async () => {
      await createOne();
      await createOne();
      expect(relay.connections).toBe(1);

      const first = await servedCertificate(webhook.port);
      await Promise.all(['tls.crt', 'tls.key'].map((file) => rm(join(webhook.certificates, file))));
      const second = await eventually('a new serving certificate', async () => {
        const served = await servedCertificate(webhook.port);
        return served === first ? undefined : served;
      });
      await createOne();
      expect(relay.connections).toBe(1);

      await relay.endConnections();
      await createOne();
      expect(relay.connections).toBe(2);
      expect(await servedCertificate(webhook.port)).toBe(second);
    });
    expect(failOpens).toEqual({});
  });
});

/** Returns the fingerprint of the certificate that a new connection gets. */
function servedCertificate(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.end();
    });
    socket.once('error', reject);
  });
}
