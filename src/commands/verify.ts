import { GATEWAY_LABELS } from '../admission/gateway.ts';
import { ApiClient } from '../kubernetes/api-client.ts';
import { type CalledService, type CalledWebhook, readCalledWebhook } from '../kubernetes/registration.ts';
import { handshakeProblem } from '../server/handshake.ts';
import type { Context } from './context.ts';

export interface VerifyTexts {
  readonly context?: string;
  readonly namespace?: string;
  readonly webhookConfiguration: string;
}

/** What the object of the trial is for: a Gateway that does not exist. */
const GATEWAY = 'verify';

interface Labelled {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
}

/**
 * Creates a ServiceAccount with one label by dry run, which leaves nothing behind, and tells whether it comes back with both.
 * Returns the exit code: 0, or 1 when it does not; then it says the likely cause.
 */
export async function verify(texts: VerifyTexts, context: Context): Promise<0 | 1> {
  const client = ApiClient.fromEnvironment(texts.context);
  const namespace = texts.namespace ?? client.namespace;
  const created = await client.create<Labelled>(
    { path: `/api/v1/namespaces/${namespace}/serviceaccounts`, query: { dryRun: 'All' } },
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { generateName: 'gateway-name-webhook-verify-', labels: { [GATEWAY_LABELS.owner]: GATEWAY } },
    },
  );
  if (created.metadata.labels?.[GATEWAY_LABELS.standard] === GATEWAY) {
    context.stdout.write(`a ServiceAccount with one label, created in ${namespace} by dry run, comes back with both\n`);
    return 0;
  }
  const cause = await likelyCause(client, texts.webhookConfiguration, namespace);
  context.stderr.write(
    `error: a ServiceAccount created in ${namespace} comes back without ${GATEWAY_LABELS.standard}\n`,
  );
  context.stderr.write(`Likely cause: ${cause}\n`);
  return 1;
}

async function likelyCause(client: ApiClient, configuration: string, namespace: string): Promise<string> {
  let webhook: CalledWebhook | undefined;
  try {
    webhook = await readCalledWebhook(client, configuration);
  } catch (error) {
    return `unknown, as the MutatingWebhookConfiguration cannot be read. ${(error as Error).message}`;
  }
  if (!webhook)
    return `there is no MutatingWebhookConfiguration ${configuration}, so that the webhook is never called.`;
  if (webhook.caBundle === '') {
    return `${configuration} has no caBundle yet: no replica has become ready since it was made. See their log.`;
  }
  const { target, caBundle, isNarrowed } = webhook;
  const address = typeof target === 'string' ? urlAddress(target) : await serviceAddress(client, target);
  if (typeof address === 'string') return address;
  const problem = await handshakeProblem({ ...address, ca: caBundle });
  return problem === undefined ? unreached(isNarrowed, namespace) : refused(problem, target);
}

async function serviceAddress(client: ApiClient, { namespace, name, port = 443 }: CalledService) {
  try {
    const path = `/api/v1/namespaces/${namespace}/services/${name}`;
    const service = await client.get<{ readonly spec: { readonly clusterIP: string } }>({ path });
    if (!service) return `there is no Service ${namespace}/${name}, which the MutatingWebhookConfiguration names.`;
    return { host: service.spec.clusterIP, port, name: `${name}.${namespace}.svc` };
  } catch (error) {
    return `unknown, as Service ${namespace}/${name} cannot be read. ${(error as Error).message}`;
  }
}

function urlAddress(url: string) {
  const { hostname, port } = new URL(url);
  // An address of IPv6 is in brackets.
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(port || 443), name: host };
}

function refused(problem: string, target: CalledService | string): string {
  const pods = typeof target === 'string' ? 'the webhook' : `kubectl -n ${target.namespace} get pods`;
  if (/ECONNREFUSED|EHOSTUNREACH/.test(problem)) return `no replica is ready (${problem}). See ${pods}.`;
  if (/no answer|disconnected|ECONNRESET|ETIMEDOUT|ENETUNREACH|ENOTFOUND|EAI_AGAIN/.test(problem)) {
    return `the webhook cannot be reached (${problem}): no replica is ready, or a NetworkPolicy is in between. See ${pods}.`;
  }
  return `the certificate that is served does not fit the caBundle (${problem}). \`certs status\` says more.`;
}

function unreached(isNarrowed: boolean, namespace: string): string {
  const narrowed = isNarrowed ? `its namespaceSelector leaves ${namespace} out; or ` : '';
  return (
    `${narrowed}the API server cannot reach the webhook, though it answers here with a certificate that its caBundle trusts: ` +
    'a firewall between control plane and nodes (private clusters open ports 443 and 10250 only), or a network plugin ' +
    'that keeps the control plane from Pods (set hostNetwork: true).'
  );
}
