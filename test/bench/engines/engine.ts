import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { eventually } from '../../cluster/eventually.ts';
import type { KubernetesObject } from '../../cluster/objects.ts';
import type { ApiServer } from '../../e2e/api-server.ts';
import { OWNER, SERVICE_ACCOUNT, STANDARD } from '../../e2e/objects.ts';
import type { EngineName } from './compare.ts';

const CHART = new URL('../../../charts/gateway-name-webhook', import.meta.url).pathname;

/** The resources that make the API server ask an engine, by their kinds. */
const RESOURCES: Readonly<Record<string, string>> = {
  MutatingAdmissionPolicy: 'mutatingadmissionpolicies',
  MutatingAdmissionPolicyBinding: 'mutatingadmissionpolicybindings',
  MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
};

/** Where a webhook runs, and what the API server is to trust there. */
export interface WebhookAddress {
  readonly url: string;
  readonly caBundle: string;
}

/** What the chart installs of an engine, for a webhook that runs elsewhere; without an engine nothing. */
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

/** Has the API server ask an engine while `act` runs, and nobody before and after. */
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

/** Asks by dry run, with each of the labels, until both are there, or only the one. */
async function untilLabelled(api: ApiServer, namespace: string, expected: boolean): Promise<void> {
  await eventually(`objects to come out ${expected ? 'with' : 'without'} the label they lack`, async () => {
    for (const label of [OWNER, STANDARD]) {
      const object = SERVICE_ACCOUNT.object('probe', { [label]: 'eg' });
      const { body } = await api.send('POST', `${SERVICE_ACCOUNT.path(namespace)}?dryRun=All`, object);
      const labels = Object.keys(JSON.parse(body).metadata?.labels ?? {});
      if (labels.length !== (expected ? 2 : 1)) return undefined;
    }
    return true;
  });
}
