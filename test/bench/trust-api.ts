import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { localCertificates } from '../support/certificates.ts';

interface Stored {
  readonly metadata: object;
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: { readonly caBundle?: string } }[];
}

/** An API server with the two objects of the certificate mode `self`: a Secret and a MutatingWebhookConfiguration. */
export interface TrustApi extends AsyncDisposable {
  /** Directory of the token and the CA of a Pod's ServiceAccount. */
  readonly serviceAccount: string;
  /** The variables with which a Pod finds the API server. */
  readonly environment: Readonly<Record<string, string>>;
  /** The CA bundle with which clients verify the webhook. */
  readonly caBundle: () => string;
}

/** Starts the API server on a free loopback port, with its files in `directory`. It does not check credentials or permissions. */
export async function startTrustApi(directory: string): Promise<TrustApi> {
  let version = 0;
  const metadata = (uid: string) => {
    version += 1;
    return { uid, resourceVersion: `${version}` };
  };
  const configuration: Stored = {
    metadata: metadata('configuration'),
    webhooks: [{ name: 'entry', clientConfig: {} }],
  };
  const objects: Record<string, Stored> = {
    secrets: { metadata: metadata('secret') },
    mutatingwebhookconfigurations: configuration,
  };

  const { ca, serving } = await localCertificates();
  const server = createServer(serving, async (request, response) => {
    const [kind = ''] = /(secrets|mutatingwebhookconfigurations)(?=\/)/.exec(request.url ?? '') ?? [];
    if (request.method === 'PATCH') {
      const applied = (await json(request)) as Stored;
      objects[kind] = { ...objects[kind], ...applied, metadata: metadata(kind) };
    }
    response.end(JSON.stringify(objects[kind]));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const serviceAccount = join(directory, 'service-account');
  await mkdir(serviceAccount);
  await writeFile(join(serviceAccount, 'token'), 'a-token');
  await writeFile(join(serviceAccount, 'ca.crt'), ca.cert);
  const { port } = server.address() as AddressInfo;
  return {
    serviceAccount,
    environment: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: `${port}` },
    caBundle: () => {
      const [entry] = objects['mutatingwebhookconfigurations']?.webhooks ?? [];
      return Buffer.from(entry?.clientConfig.caBundle ?? '', 'base64').toString();
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
