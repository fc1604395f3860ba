import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { json } from 'node:stream/consumers';
import { cluster } from './kubectl.ts';

/** An answer of the API server. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

interface Connection {
  readonly server: string;
  readonly agent: Agent;
  readonly token: string;
}

let connection: Promise<Connection> | undefined;

/**
 * Calls the tests' API server without kubectl: at twenty calls a second, kubectl processes would be most of the load.
 *
 * Sends the administrator's token and JSON, unless headers in `more` replace them.
 */
export async function callApi(
  method: string,
  path: string,
  body?: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  connection ??= connect();
  const { server, agent, token } = await connection;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...more };
  return new Promise((resolve, reject) => {
    request(server + path, { method, agent, headers })
      .on('response', (response) => {
        json(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      })
      .on('error', reject)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function connect(): Promise<Connection> {
  const { clusters, users } = JSON.parse(await readFile(cluster().kubeconfig, 'utf8'));
  const ca = await readFile(cluster().certificateAuthority);
  return {
    server: clusters[0].cluster.server,
    agent: new Agent({ ca, keepAlive: true }),
    token: users[0].user.token,
  };
}
