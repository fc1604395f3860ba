import { ApiClient } from '../../src/kubernetes/api-client.ts';
import { startApiServer, writeKubeconfig } from './api-server.ts';

/** A client of an API server that answers as the test says, as a kubeconfig names it. */
export async function clientOf(answer: Parameters<typeof startApiServer>[0], timeoutMs?: number) {
  const server = await startApiServer(answer);
  const kubeconfig = writeKubeconfig({ server: server.url, ca: server.ca });
  return { ...server, client: new ApiClient({ kubeconfig }, {}, timeoutMs) };
}

/** A Status, as the API server refuses with. */
export function status(code: number, message: string, more: object = {}) {
  return [code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code, ...more }] as const;
}
