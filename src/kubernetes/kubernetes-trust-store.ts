import { CA_SECRET_KEY } from '../certificates/ca-secret.ts';
import { Conflict, type StoredConfiguration, type StoredSecret, type TrustStore } from '../certificates/trust-store.ts';
import type { ApiCaller } from './api-caller.ts';
import { ApiError } from './api-error.ts';

/** Owns the Secret's CAs and the caBundle, and nothing else. */
const FIELD_MANAGER = 'gateway-name-webhook';

/** Owns Helm's metadata of a recreated Secret: separate, so that recreating the Secret never removes another replica's CAs. */
const RESTORE_FIELD_MANAGER = 'gateway-name-webhook-restore';

/** The label and annotations that mark an object as Helm's; everything else may change in an upgrade. */
const HELM_LABELS = ['app.kubernetes.io/managed-by'];
const HELM_ANNOTATIONS = ['meta.helm.sh/release-name', 'meta.helm.sh/release-namespace'];

export interface TrustStoreOptions {
  readonly client: Pick<ApiCaller, 'get' | 'apply' | 'reconnect'>;
  readonly secret: { readonly namespace: string; readonly name: string };
  /** Name of the MutatingWebhookConfiguration. */
  readonly configuration: string;
}

interface Metadata {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Secret {
  readonly metadata: Metadata;
  readonly data?: Readonly<Record<string, string>>;
}

interface MutatingWebhookConfiguration {
  readonly metadata: Metadata;
  readonly webhooks?: readonly { readonly name: string; readonly clientConfig: { readonly caBundle?: string } }[];
}

/** Reads and writes one Secret and one MutatingWebhookConfiguration, by name. */
export function kubernetesTrustStore({ client, secret, configuration }: TrustStoreOptions): TrustStore {
  const secretRequest = { path: `/api/v1/namespaces/${secret.namespace}/secrets/${secret.name}` };
  const configurationRequest = {
    path: `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${configuration}`,
  };
  // From the last read. With a resourceVersion alone, server-side apply would recreate a deleted object: a Secret that Helm does
  // not recognize as its own. With a uid, it does not create objects.
  const uids: { secret?: string; configuration?: string } = {};
  const aheadMs: { secret?: number | undefined; configuration?: number | undefined } = {};
  const secretBody = (metadata: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { ...secret, ...metadata } });

  return {
    async readSecret(): Promise<StoredSecret | undefined> {
      const stored = await client.get<Secret>({
        ...secretRequest,
        onClock: (ahead) => {
          aheadMs.secret = ahead;
        },
      });
      if (stored) uids.secret = stored.metadata.uid;
      const content = stored?.data?.[CA_SECRET_KEY];
      return (
        stored && {
          resourceVersion: stored.metadata.resourceVersion,
          content: content === undefined ? undefined : fromBase64(content),
        }
      );
    },

    async createSecret({ labels, annotations }) {
      await client.apply(secretRequest, RESTORE_FIELD_MANAGER, {
        ...secretBody({ labels, annotations }),
        type: 'Opaque',
      });
    },

    async writeSecret(resourceVersion, content) {
      const body = {
        ...secretBody({ uid: uids.secret, resourceVersion }),
        data: { [CA_SECRET_KEY]: toBase64(content) },
      };
      await orConflict(client.apply(secretRequest, FIELD_MANAGER, body));
    },

    async readConfiguration(): Promise<StoredConfiguration | undefined> {
      const stored = await client.get<MutatingWebhookConfiguration>({
        ...configurationRequest,
        onClock: (ahead) => {
          aheadMs.configuration = ahead;
        },
      });
      if (!stored) return undefined;
      uids.configuration = stored.metadata.uid;
      const { resourceVersion, labels = {}, annotations = {} } = stored.metadata;
      return {
        resourceVersion,
        entries: (stored.webhooks ?? []).map(({ name, clientConfig: { caBundle = '' } }) => {
          return { name, caBundle: fromBase64(caBundle) };
        }),
        helm: { labels: only(HELM_LABELS, labels), annotations: only(HELM_ANNOTATIONS, annotations) },
      };
    },

    async writeBundle(resourceVersion, entries, caBundle) {
      const body = {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: configuration, uid: uids.configuration, resourceVersion },
        webhooks: entries.map((name) => ({ name, clientConfig: { caBundle: toBase64(caBundle) } })),
      };
      await orConflict(client.apply(configurationRequest, FIELD_MANAGER, body));
    },

    clockAheadMs: () => {
      const said = [aheadMs.secret, aheadMs.configuration].filter((ahead) => ahead !== undefined);
      // Two API servers with different clocks may have answered. The one that agrees with this clock is right: two clocks are
      // hardly ever off by the same amount.
      return said.length === 0 ? undefined : said.reduce((a, b) => (Math.abs(b) < Math.abs(a) ? b : a));
    },

    reconnect: () => client.reconnect(),
  };
}

async function orConflict(write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    if (error instanceof ApiError && error.code === 409) throw new Conflict(error.message);
    throw error;
  }
}

function only(keys: readonly string[], from: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(from).filter(([key]) => keys.includes(key)));
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

function toBase64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
