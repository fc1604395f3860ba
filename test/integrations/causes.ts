import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiServer } from '../e2e/api-server.ts';
import { anyPod, NAME, scale, upgrade } from '../e2e/installation.ts';
import { type Labels, OWNER, SERVICE_ACCOUNT, STANDARD } from '../e2e/objects.ts';
import { kubectl } from '../e2e/program.ts';
import { foreignCertificate } from '../support/openssl.ts';
import { sendPlain, serviceAddress } from './plain-client.ts';

/** A cause that makes alerts fire. */
export interface Cause {
  readonly what: string;
  readonly alerts: readonly string[];
  /** Creates the cause. If once is not enough, repeats it until the signal aborts. */
  readonly make: (context: CauseContext) => Promise<unknown>;
  readonly undo: () => Promise<unknown>;
}

export interface CauseContext {
  readonly api: ApiServer;
  readonly namespace: string;
  /** Aborted when the alerts fire. */
  readonly signal: AbortSignal;
}

const IN_NAMESPACE = ['--namespace', NAME];

const nothing = async () => {};

const patch = (object: readonly string[], operations: readonly object[]) =>
  kubectl(['patch', ...object, '--type=json', '--patch', JSON.stringify(operations)]);

const CONFIGURATION = ['mutatingwebhookconfiguration', NAME];

const writeCABundle = (caBundle: string) =>
  patch(CONFIGURATION, [{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: caBundle }]);

/** Sets the webhook's permissions for its configuration. */
const allow = (verbs: readonly string[]) =>
  patch(['clusterrole', NAME], [{ op: 'replace', path: '/rules/0/verbs', value: verbs }]);

const select = (objectSelector: object) =>
  patch(CONFIGURATION, [{ op: 'replace', path: '/webhooks/0/objectSelector', value: objectSelector }]);

const SELECTOR = {
  matchExpressions: [
    { key: OWNER, operator: 'Exists' },
    { key: STANDARD, operator: 'DoesNotExist' },
    { key: 'gateway-name-webhook/ignore', operator: 'DoesNotExist' },
  ],
};

/** Repeats `act` until the alerts fire. */
async function keep({ signal }: CauseContext, act: () => Promise<unknown>): Promise<void> {
  while (!signal.aborted) {
    await act();
    await sleep(1_000);
  }
}

let created = 0;

function create({ api, namespace }: CauseContext, labels: Labels) {
  created += 1;
  return api.send('POST', SERVICE_ACCOUNT.path(namespace), SERVICE_ACCOUNT.object(`cause-${created}`, labels));
}

/** Causes for the alerts of an installation with engine webhook and certificates.mode self. Each restores the installation. */
export const CAUSES: readonly Cause[] = [
  {
    what: 'there is no replica',
    alerts: ['GatewayNameWebhookDown', 'GatewayNameWebhookFailOpen', 'GatewayNameWebhookSecondAttempt'],
    make: (context) => scale(0).then(() => keep(context, () => create(context, { [OWNER]: 'eg' }))),
    undo: () => scale(1),
  },
  {
    what: 'one of the two Deployments has no replica',
    alerts: ['GatewayNameWebhookSecondAttempt'],
    async make(context) {
      await kubectl(['scale', 'deployment', NAME, '--replicas=0', ...IN_NAMESPACE]);
      await keep(context, () => create(context, { [OWNER]: 'eg' }));
    },
    undo: () => scale(1),
  },
  {
    what: 'a new replica has no permission to read the configuration',
    alerts: ['GatewayNameWebhookAPIServerErrors', 'GatewayNameWebhookNotReady'],
    async make() {
      await allow(['list']);
      await kubectl(['delete', 'pod', (await anyPod()).metadata.name, ...IN_NAMESPACE]);
    },
    undo: () => allow(['get', 'patch']),
  },
  {
    what: 'the caBundle is overwritten, and the webhook has no permission to write it',
    alerts: ['GatewayNameWebhookCABundleOutOfSync'],
    async make() {
      await allow(['get']);
      await writeCABundle(Buffer.from(foreignCertificate().cert).toString('base64'));
    },
    undo: () => allow(['get', 'patch']),
  },
  {
    what: 'the Secret contains garbage',
    alerts: ['GatewayNameWebhookCertificatesRefused'],
    make: () =>
      patch(['secret', `${NAME}-ca`, ...IN_NAMESPACE], [{ op: 'add', path: '/data/cas.json', value: 'bm8=' }]),
    undo: nothing,
  },
  {
    what: 'an object names two Gateways, and the configuration covers all objects',
    alerts: ['GatewayNameWebhookConflict'],
    async make(context) {
      await select({});
      await keep(context, () => create(context, { [OWNER]: 'eg', [STANDARD]: 'shop' }));
    },
    undo: () => select(SELECTOR),
  },
  {
    what: 'fifteen clients do not use TLS',
    alerts: ['GatewayNameWebhookRejectedRequests'],
    async make() {
      const host = await serviceAddress();
      await Promise.all(Array.from({ length: 15 }, () => sendPlain(host)));
    },
    undo: nothing,
  },
  {
    what: 'the ServiceAccount of heal changes another label',
    alerts: ['GatewayNameWebhookHealDenied'],
    make: () =>
      kubectl([
        ...['label', 'service', NAME, 'changed=yes', ...IN_NAMESPACE],
        `--as=system:serviceaccount:${NAME}:${NAME}-heal`,
      ]).then(
        () => Promise.reject(new Error('The guard of heal has allowed another label')),
        (refused: Error) => (refused.message.includes(`${NAME}-heal`) ? undefined : Promise.reject(refused)),
      ),
    undo: nothing,
  },
  {
    what: 'a policy of the engine is broken',
    alerts: ['GatewayNameWebhookPolicyFailed'],
    async make(context) {
      await upgrade(['engine=both']);
      const broken = {
        op: 'replace',
        path: '/spec/matchConditions/0/expression',
        value: "object.metadata.labels['no'] == ''",
      };
      await patch(['mutatingadmissionpolicy', `${NAME}-standard`], [broken]);
      await keep(context, () => create(context, { [OWNER]: 'eg' }));
    },
    undo: () => upgrade(['engine=webhook']),
  },
  // Last, because writes from other causes also count.
  {
    what: 'the caBundle is emptied repeatedly',
    alerts: ['GatewayNameWebhookCABundleContested'],
    make: (context) => keep(context, () => writeCABundle('')),
    undo: nothing,
  },
];
