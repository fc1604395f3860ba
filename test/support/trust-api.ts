import type { AddressInfo } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { onTestFinished } from 'vitest';
import { CA_SECRET_KEY } from '../../src/certificates/ca-secret.ts';
import type { KeyedCertificate } from '../../src/certificates/issue.ts';
import { type Answer, type ReceivedRequest, startApiServer, writeKubeconfig } from './api-server.ts';
import { environment } from './environment.ts';
import { type Forwarded, forwardPort } from './port-forward.ts';

interface Stored {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly webhooks?: readonly {
    readonly name: string;
    readonly clientConfig: { readonly caBundle?: string; readonly service?: object; readonly url?: string };
  }[];
}

interface TrustApiOptions {
  /** The content of the Secret; empty by default. */
  readonly secret?: string;
  readonly caBundles?: readonly (string | undefined)[];
  readonly clientConfig?: { readonly service?: object; readonly url?: string };
  /** Replaces the webhook configuration that `caBundles` and `clientConfig` describe. */
  readonly configuration?: object;
  /** Called for each request: may delay it. */
  readonly before?: () => Promise<void> | void;
  /** Returns an answer that overrides the default one. */
  readonly refuse?: (request: ReceivedRequest) => Answer | undefined;
  /** Answers all other requests. */
  readonly answer?: (request: ReceivedRequest) => Answer;
}

const NOT_FOUND: Answer = [404, { message: 'not found' }];

/**
 * An API server with one Secret and one MutatingWebhookConfiguration. It supports reads, server-side apply and
 * resourceVersions. The environment's kubeconfig points to it.
 */
export async function startTrustApi({
  secret,
  caBundles = [undefined, undefined],
  clientConfig = { url: 'https://example.com/mutate' },
  configuration,
  before,
  refuse,
  answer = () => NOT_FOUND,
}: TrustApiOptions = {}) {
  let version = 1;
  const metadata = (uid: string) => {
    version += 1;
    return { uid, resourceVersion: String(version) };
  };
  const objects: Record<'secret' | 'configuration', Stored | undefined> = {
    secret: { metadata: metadata('s'), ...(secret !== undefined && { data: { [CA_SECRET_KEY]: toBase64(secret) } }) },
    configuration: {
      metadata: metadata('c'),
      webhooks: caBundles.map((caBundle, index) => ({
        name: `entry-${index}`,
        clientConfig: { ...clientConfig, ...(caBundle !== undefined && { caBundle: toBase64(caBundle) }) },
      })),
      ...configuration,
    },
  };
  const pods = new Map<string, Forwarded>();

  const write = (kind: keyof typeof objects, applied: Stored): Answer => {
    const stored = objects[kind];
    const isSame =
      applied.metadata.uid === stored?.metadata.uid &&
      applied.metadata.resourceVersion === stored?.metadata.resourceVersion;
    if (!isSame) return [409, { message: 'the object has been modified' }];
    objects[kind] = { ...stored, ...applied, metadata: metadata(applied.metadata.uid) };
    return [200, objects[kind]];
  };
  const answerAll = async (request: ReceivedRequest): Promise<Answer> => {
    await before?.();
    const refusal = refuse?.(request);
    if (refusal) return refusal;
    const [kind] = (['secret', 'configuration'] as const).filter((name) => request.path.includes(`${name}s/`));
    if (request.path.endsWith('/mutatingwebhookconfigurations')) {
      return [200, { metadata: {}, items: [objects.configuration].filter((one) => one !== undefined) }];
    }
    if (!kind) return answer(request);
    if (request.method === 'PATCH') return write(kind, request.body as Stored);
    const found = objects[kind];
    return found ? [200, found] : NOT_FOUND;
  };
  const api = await startApiServer(answerAll);
  api.server.on('upgrade', (request, socket) => {
    const [, pod = ''] = /\/pods\/([^/]+)\/portforward/.exec(request.url ?? '') ?? [];
    forwardPort(request, socket, pods.get(pod) ?? { refused: 404 });
  });
  environment({ KUBECONFIG: writeKubeconfig({ server: api.url, ca: api.ca }) });
  return {
    ...api,
    objects,
    /** The local ports of forwarded Pods, by name. */
    pods,
    bundles: () =>
      (objects.configuration?.webhooks ?? []).map(({ clientConfig: { caBundle = '' } }) =>
        Buffer.from(caBundle, 'base64').toString(),
      ),
  };
}

/** Serves a certificate on a loopback port, like a Pod of the webhook. */
export async function startPod(serving: KeyedCertificate, host = '127.0.0.1'): Promise<number> {
  const sockets = new Set<TLSSocket>();
  const server = createServer(serving, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}
