import { once } from 'node:events';
import { connect } from 'node:net';
import { NAME } from '../e2e/installation.ts';
import { kubectlJson } from '../e2e/program.ts';

/** Returns the address of the webhook's Service in the cluster. */
export async function serviceAddress(): Promise<string> {
  const service = await kubectlJson<{ spec: { clusterIP: string } }>(['get', 'service', NAME, '--namespace', NAME]);
  return service.spec.clusterIP;
}

/** Sends a request without TLS, and waits until the connection is closed. */
export async function sendPlain(host: string): Promise<void> {
  const socket = connect(443, host, () => socket.end('GET / HTTP/1.1\r\n\r\n'));
  socket.on('error', () => {}).resume();
  await once(socket, 'close');
}
