import { ApiClient } from '../../src/kubernetes/api-client.ts';
import { startApiServer, writeKubeconfig } from './api-server.ts';

/** A client of a fake API server, which it finds with a kubeconfig. */
export async function clientOf(answer: Parameters<typeof startApiServer>[0], timeoutMs?: number) {
  const server = await startApiServer(answer);
  const kubeconfig = writeKubeconfig({ server: server.url, ca: server.ca });
  return { ...server, client: new ApiClient({ kubeconfig }, {}, timeoutMs) };
}

/** An error answer of the API server: a Status. */
export function status(code: number, message: string, more: object = {}) {
  return [code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code, ...more }] as const;
}
