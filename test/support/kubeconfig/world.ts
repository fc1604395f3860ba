import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { issueCA, issueServingCertificate } from '../../../src/certificates/issue.ts';
import { validFor } from '../certificates.ts';
import { foreignCertificate } from '../openssl.ts';
import { ARRIVAL, type KubeconfigCase, type Outcome } from './case.ts';
import { type Arrival, Recorder } from './recorder.ts';

const NAMES = ['localhost', '127.0.0.1', '::1', 'other.test', 'api.test'];

/** A recorder, and the values of the placeholders in cases. */
export class World {
  readonly recorder: Recorder;
  readonly #values: Readonly<Record<string, string>>;

  static async start(): Promise<World> {
    const ca = await issueCA(validFor(24, new Date()));
    const serving = await issueServingCertificate({ ca, names: NAMES, ...validFor(24, new Date()) });
    const client = foreignCertificate({ commonName: 'jane', isCA: false });
    const recorder = await Recorder.start(serving);
    const inBase64 = (text: string) => Buffer.from(text).toString('base64');
    const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
    return new World(recorder, {
      HTTPS: `https://localhost:${recorder.httpsPort}`,
      HTTP: `http://localhost:${recorder.httpPort}`,
      HTTPS_PORT: String(recorder.httpsPort),
      HTTP_PORT: String(recorder.httpPort),
      PROXY_PORT: String(recorder.proxyPort),
      SOCKS_PORT: String(recorder.socksPort),
      CA: inBase64(ca.cert),
      CA_PEM: ca.cert,
      OTHER_CA: inBase64(client.cert),
      CERT: inBase64(client.cert),
      CERT_PEM: client.cert,
      CERT_JSON: inJson(client.cert),
      KEY: inBase64(client.key),
      KEY_PEM: client.key,
      OTHER_KEY: inBase64(serving.key),
      KEY_JSON: inJson(client.key),
    });
  }

  private constructor(recorder: Recorder, values: Readonly<Record<string, string>>) {
    this.recorder = recorder;
    this.#values = values;
  }

  /** Writes the files of a case, and returns its environment and its flags. */
  write(directory: string, { files, env = {}, flags = {} }: Pick<KubeconfigCase, 'files' | 'env' | 'flags'>) {
    for (const [name, content] of Object.entries(files)) {
      const file = join(directory, name);
      mkdirSync(dirname(file), { recursive: true });
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      writeFileSync(file, this.#filled(text.replace('$YAML', YAML).replace('$NAMES', NAMED), directory));
      if (name.endsWith('.sh')) chmodSync(file, 0o755);
    }
    const filled = (texts: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, this.#filled(text, directory)]));
    const base = { PATH: process.env['PATH'] ?? '', HOME: directory, KUBECONFIG: join(directory, 'config') };
    return { environment: { ...base, ...filled(env) }, flags: filled(flags) };
  }

  /** The expected request with its placeholders replaced; an expected error unchanged. */
  expected(outcome: Outcome): Arrival | RegExp {
    if (outcome instanceof RegExp) return outcome;
    const arrival = { ...ARRIVAL, ...outcome };
    const { authorization } = arrival;
    return { ...arrival, authorization: authorization && this.#filled(authorization, '') };
  }

  /** Returns the requests since the last call, with the input of a plugin decoded. */
  arrived(): readonly Arrival[] {
    return this.recorder.arrivals.splice(0).map((arrival) => ({
      ...arrival,
      authorization: arrival.authorization?.replace(/info\.(.*)$/, (_all, base64) => `info ${sortedJson(base64)}`),
    }));
  }

  #filled(text: string, directory: string): string {
    return text.replaceAll(/\$([A-Z_]+)/g, (all, name) => ({ ...this.#values, DIR: directory })[name as string] ?? all);
  }
}

/** A handwritten kubeconfig. */
const YAML = `apiVersion: v1
kind: Config
current-context: x
clusters:
- name: c
  cluster: &cluster
    server: $HTTPS
    insecure-skip-tls-verify: yes
- {name: d, cluster: *cluster}
users:
- name: u
  user:
    token: "a-token"   # a comment
contexts:
- {name: x, context: {cluster: d, user: u}}
`;

/** Names that YAML 1.1 parses as other types, but Go as strings; and a merge key. */
const NAMED = `current-context: 10:30
clusters:
- name: 2024-05-01
  cluster: {server: $HTTPS, insecure-skip-tls-verify: on}
users:
- {name: 190:20:30.15, user: {token: a-token}}
contexts:
- name: 10:30
  context:
    <<: {cluster: 2024-05-01, user: none, namespace: 2024-05-01}
    user: 190:20:30.15
`;

function sortedJson(base64: string): string {
  const sorted = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort()
            .map(([key, item]) => [key, sorted(item)]),
        )
      : value;
  return JSON.stringify(sorted(JSON.parse(Buffer.from(base64, 'base64').toString())));
}
