import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { CallOptions, Connection } from './api-caller.ts';

/** The variables of every container for the API server. */
export interface PodEnvironment {
  readonly KUBERNETES_SERVICE_HOST?: string | undefined;
  readonly KUBERNETES_SERVICE_PORT?: string | undefined;
}

/**
 * The way from a Pod to the API server, with the ServiceAccount token and CA in a directory; undefined outside of a Pod.
 */
export function podConnection(environment: PodEnvironment, directory: string): Connection | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (!host || !port) return undefined;
  return {
    server: `https://${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
    // The kubelet replaces the token before it expires, within an hour, and the CA when it changes. Reading both for a few calls
    // a minute is cheap, and never uses an old one.
    authorize: async (options: CallOptions) => {
      const [token, ca] = await Promise.all([
        readWhole(join(directory, 'token'), /^\S+$/, 'a token'),
        readWhole(join(directory, 'ca.crt'), /^-----BEGIN CERTIFICATE-----/m, 'a certificate'),
      ]);
      options.headers['Authorization'] = `Bearer ${token}`;
      options.ca = ca;
    },
  };
}

/** Without a CA, Node.js would trust every public one. */
async function readWhole(file: string, form: RegExp, expected: string): Promise<string> {
  const text = (await readFile(file, 'utf8')).trim();
  if (!form.test(text)) throw new Error(`${file} does not contain ${expected}`);
  return text;
}
