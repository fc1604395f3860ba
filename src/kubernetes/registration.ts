import type { ApiClient } from './api-client.ts';

/** A Service that the API server sends admission requests to. */
export interface CalledService {
  readonly namespace: string;
  readonly name: string;
  /** Of the Service; 443 unless the configuration says otherwise. */
  readonly port?: number;
}

/** How the API server calls the webhook, by the first entry of a MutatingWebhookConfiguration. */
export interface CalledWebhook {
  /** PEM; empty when there is none. */
  readonly caBundle: string;
  /** The Service, or the URL, by which it is called. */
  readonly target: CalledService | string;
  /** Whether objects of some namespaces are never sent. */
  readonly isNarrowed: boolean;
}

/** One of them, as the API server sees to. */
type Called =
  | { readonly service: CalledService; readonly url?: undefined }
  | { readonly service?: undefined; readonly url: string };

interface MutatingWebhookConfiguration {
  readonly webhooks?: readonly {
    readonly clientConfig: { readonly caBundle?: string } & Called;
    readonly namespaceSelector?: { readonly matchLabels?: object; readonly matchExpressions?: readonly object[] };
  }[];
}

/** Reads how a webhook is called; undefined when there is no such configuration, or nothing in it. */
export async function readCalledWebhook(client: ApiClient, configuration: string): Promise<CalledWebhook | undefined> {
  const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${configuration}`;
  const stored = await client.get<MutatingWebhookConfiguration>({ path });
  const entry = stored?.webhooks?.[0];
  if (!entry) return undefined;
  const { clientConfig, namespaceSelector } = entry;
  return {
    caBundle: Buffer.from(clientConfig.caBundle ?? '', 'base64').toString('utf8'),
    target: clientConfig.service ?? clientConfig.url,
    isNarrowed: Object.keys(namespaceSelector ?? {}).length > 0,
  };
}
