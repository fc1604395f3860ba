import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { connect } from 'node:tls';
import { type KubeConfig, PortForward } from '@kubernetes/client-node';
import type { Endpoint } from './endpoints.ts';

/** Through the API server and a kubelet, a handshake takes some tens of milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * The certificate that a Pod serves now, whoever issued it. The connection goes through the API server, as
 * `kubectl port-forward` does: an operator's machine reaches no Pod. Rejects when the Pod cannot be reached or talks no TLS.
 */
export async function servedCertificate(
  kubeConfig: KubeConfig,
  { namespace, pod, port }: Endpoint,
): Promise<X509Certificate> {
  const [toPod, fromPod, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const forward = new PortForward(kubeConfig);
  const webSocket = await forward.portForward(namespace, pod, [port], fromPod, errors, toPod).catch((error: Error) => {
    throw new Error(`Cannot reach Pod ${namespace}/${pod} through the API server: ${error.message}`);
  });
  // Not verified here: what is asked for is what is served, good or bad.
  const socket = connect({ socket: Duplex.from({ readable: fromPod, writable: toPod }), rejectUnauthorized: false });
  errors.once('data', (text) => socket.destroy(new Error(String(text))));
  // Its end is an error, too: both streams are cut off. What matters is heard below.
  socket.on('error', () => {});
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    // No cipher that is offered does without one.
    return socket.getPeerX509Certificate() as X509Certificate;
  } catch (error) {
    throw new Error(`Cannot read the certificate of Pod ${namespace}/${pod}: ${(error as Error).message}`);
  } finally {
    socket.destroy();
    // A function only for one that is to connect again by itself.
    (webSocket as Exclude<typeof webSocket, () => unknown>).close();
  }
}
