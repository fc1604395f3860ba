import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { eventually } from '../../cluster/eventually.ts';
import type { KubernetesObject } from '../../cluster/objects.ts';
import type { ApiServer } from '../../e2e/api-server.ts';
import { OWNER, SERVICE_ACCOUNT, STANDARD } from '../../e2e/objects.ts';
import type { EngineName } from './compare.ts';

const CHART = new URL('../../../charts/gateway-name-webhook', import.meta.url).pathname;

/** The kinds that register an engine with the API server, and their resources. */
const RESOURCES: Readonly<Record<string, string>> = {
  MutatingAdmissionPolicy: 'mutatingadmissionpolicies',
  MutatingAdmissionPolicyBinding: 'mutatingadmissionpolicybindings',
  MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
};

/** The address of a webhook, and the CA bundle to verify it. */
export interface WebhookAddress {
  readonly url: string;
  readonly caBundle: string;
}

/** Renders the objects that register an engine, for a webhook outside the cluster. Returns none for the engine `none`. */
export async function renderEngine(
  helm: string,
  engine: EngineName,
  { url, caBundle }: WebhookAddress,
): Promise<readonly KubernetesObject[]> {
  if (engine === 'none') return [];
  const certificates = { mode: 'provided', provided: { secretName: 'unused', caBundle } };
  const values = { engine, certificates, webhook: { clientConfig: { url } } };
  const rendering = promisify(execFile)(helm, ['template', 'bench', CHART, '-f', '-']);
  rendering.child.stdin?.end(JSON.stringify(values));
  return parseAllDocuments((await rendering).stdout)
    .map((document) => document.toJS() as KubernetesObject)
    .filter(({ kind }) => kind in RESOURCES);
}

/** Registers an engine with the API server while `act` runs, and removes it afterwards. */
export async function withEngine<T>(
  api: ApiServer,
  namespace: string,
  objects: readonly KubernetesObject[],
  act: () => Promise<T>,
): Promise<T> {
  for (const object of objects) await send(api, 'POST', object);
  try {
    await untilLabelled(api, namespace, objects.length > 0);
    return await act();
  } finally {
    for (const object of objects) await send(api, 'DELETE', object);
    await untilLabelled(api, namespace, false);
  }
}

async function send(api: ApiServer, method: 'POST' | 'DELETE', object: KubernetesObject): Promise<void> {
  const collection = `/apis/${object.apiVersion}/${RESOURCES[object.kind]}`;
  const path = method === 'POST' ? collection : `${collection}/${object.metadata.name}`;
  const { status, body } = await api.send(method, path, method === 'POST' ? object : undefined);
  if (status >= 300) throw new Error(`Cannot ${method} ${path}: ${status} ${body}`);
}

/** Repeats a dry run with each of the labels until the API server adds the other one, or no longer adds it. */
async function untilLabelled(api: ApiServer, namespace: string, expected: boolean): Promise<void> {
  await eventually(`the API server to ${expected ? 'add missing labels' : 'stop adding missing labels'}`, async () => {
    for (const label of [OWNER, STANDARD]) {
      const object = SERVICE_ACCOUNT.object('probe', { [label]: 'eg' });
      const { body } = await api.send('POST', `${SERVICE_ACCOUNT.path(namespace)}?dryRun=All`, object);
      const labels = Object.keys(JSON.parse(body).metadata?.labels ?? {});
      if (labels.length !== (expected ? 2 : 1)) return undefined;
    }
    return true;
  });
}
