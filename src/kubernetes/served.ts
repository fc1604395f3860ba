import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { connect } from 'node:tls';
import { PortForward } from '@kubernetes/client-node';
import { type CABundle, storedCABundles } from '../installation/ca-bundle.ts';
import { calledBy } from '../installation/called-name.ts';
import { outcomeOf } from '../installation/outcome.ts';
import type { Served } from '../installation/served.ts';
import type { InstalledService } from '../installation/service.ts';
import type { Connection } from './api-caller.ts';
import { ConnectionConfig } from './connection-config.ts';
import type { Endpoint } from './endpoints.ts';

/** Through the API server and a kubelet, a handshake takes tens of milliseconds. */
const TIMEOUT_MS = 10_000;

/** For an entry without a caBundle, the API server trusts the CAs of its system. */
const NO_BUNDLE: CABundle = { entries: [], caBundle: '' };

/**
 * The certificates that Pods of a Service serve now, verified as the API server does for the entries that call the Service. The
 * connections go through the API server, as with `kubectl port-forward`: users' machines do not reach Pods.
 */
export async function readServed(
  connection: Connection,
  { calledName, entries }: Pick<InstalledService, 'calledName' | 'entries'>,
  endpoints: readonly Endpoint[],
): Promise<Served[]> {
  const [first = NO_BUNDLE, ...others] = storedCABundles(entries);
  return Promise.all(
    endpoints.map(async (endpoint): Promise<Served> => {
      const dial = async (bundle: CABundle) => ({
        bundle,
        ...(await dialled(connection, endpoint, { ca: bundle.caBundle, name: calledName })),
      });
      const { pod } = endpoint;
      const { problem, value } = await outcomeOf(Promise.all([dial(first), ...others.map(dial)]));
      if (problem) return { pod, problem: problem.message };
      const refusals = value.flatMap(({ bundle, problem }) => (problem === undefined ? [] : [{ ...bundle, problem }]));
      return { pod, certificate: value[0].certificate, refusals };
    }),
  );
}

/** What a TLS client trusts. */
interface Trust {
  /** PEM: the only authorities. */
  readonly ca: string;
  /** The name or address that the API server calls. */
  readonly name: string;
}

/** A certificate, and why a TLS client rejects it; undefined if it does not. */
interface JudgedCertificate {
  readonly certificate: X509Certificate;
  readonly problem: string | undefined;
}

/** Rejects if the Pod cannot be reached or does not speak TLS. */
async function dialled(
  connection: Connection,
  { namespace, pod, port }: Endpoint,
  { ca, name }: Trust,
): Promise<JudgedCertificate> {
  const [toPod, fromPod, errors] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const forward = new PortForward(new ConnectionConfig(connection));
  const webSocket = await forward.portForward(namespace, pod, [port], fromPod, errors, toPod).catch((error: Error) => {
    throw new Error(`Cannot reach Pod ${namespace}/${pod} through the API server: ${error.message}`);
  });
  const stream = Duplex.from({ readable: fromPod, writable: toPod });
  // Do not reject the certificate: this asks for what is served, good or bad.
  const socket = connect({ ca, ...calledBy(name), socket: stream, rejectUnauthorized: false });
  errors.once('data', (text) => socket.destroy(new Error(String(text))));
  // Closing also emits an error, because both streams are cut off. Relevant errors are handled below.
  socket.on('error', () => {});
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    // All offered ciphers need a certificate.
    const certificate = socket.getPeerX509Certificate() as X509Certificate;
    // Typed as an error, but it is a string, a code of OpenSSL or Node.js; null if nothing is wrong.
    const problem = socket.authorizationError as unknown as string | null;
    return { certificate, problem: problem ?? undefined };
  } catch (error) {
    throw new Error(`Cannot read the certificate of Pod ${namespace}/${pod}: ${(error as Error).message}`);
  } finally {
    socket.destroy();
    // It is only a function for WebSockets that reconnect.
    (webSocket as Exclude<typeof webSocket, () => unknown>).close();
  }
}
