import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';

/** A JSON Patch for the object at a path. */
export interface Patch {
  readonly path: string;
  readonly operations: readonly object[];
}

/**
 * Sends patches concurrently and does nothing else: no lists, decisions, preconditions or retries. Returns the duration in
 * seconds, and rejects if the API server refuses one.
 */
export async function barePatches(patches: readonly Patch[], concurrency: number, kubeconfig: string): Promise<number> {
  const { clusters, users } = JSON.parse(await readFile(kubeconfig, 'utf8'));
  const { server, 'certificate-authority': ca } = clusters[0].cluster;
  const agent = new Agent({ keepAlive: true, ca: await readFile(ca) });
  const headers = {
    authorization: `Bearer ${users[0].user.token}`,
    'content-type': 'application/json-patch+json',
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  };
  const left = patches.values();
  const sendAll = async () => {
    for (const { path, operations } of left) {
      const sent = request(server + path, { method: 'PATCH', agent, headers }).end(JSON.stringify(operations));
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      await once(response.resume(), 'end');
      if (response.statusCode !== 200)
        throw new Error(`The API server answers PATCH ${path} with ${response.statusCode}`);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, sendAll));
  agent.destroy();
  return (performance.now() - startedAt) / 1000;
}
