import type { LabelSelector, Labels } from '../objects/label-selector.ts';
import type { ManagedFields } from '../objects/stored-object.ts';
import type { Sender } from './sending.ts';

/** The fields of a MutatingWebhookConfiguration (admissionregistration.k8s.io/v1) that are read, with stored defaults. */
export interface WebhookConfiguration {
  readonly metadata: {
    readonly name: string;
    /** RFC 3339. */
    readonly creationTimestamp: string;
    readonly annotations?: Labels;
    readonly managedFields?: readonly ManagedFields[];
  };
  readonly webhooks?: readonly WebhookEntry[];
}

export interface WebhookEntry extends Sender {
  readonly admissionReviewVersions: readonly string[];
  readonly clientConfig: ClientConfig;
  readonly failurePolicy: string;
  readonly matchPolicy: string;
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  readonly reinvocationPolicy: string;
  readonly sideEffects: string;
  readonly timeoutSeconds: number;
}

/** The Service or the URL that the API server calls: exactly one of them, which it validates. */
export type ClientConfig = {
  /** Base64 of PEM. */
  readonly caBundle?: string;
} & (
  | { readonly service: CalledServicePath; readonly url?: undefined }
  | { readonly service?: undefined; readonly url: string }
);

export interface CalledServicePath {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly path?: string;
}

/** The CAs that the API server trusts, as PEM; empty if there are none. */
export function caBundleOf({ clientConfig: { caBundle = '' } }: WebhookEntry): string {
  return Buffer.from(caBundle, 'base64').toString('utf8');
}

export interface Release {
  readonly name: string;
  readonly namespace: string;
}

/** The Helm release that an object belongs to; undefined if there is none. */
export function releaseOf({ metadata: { annotations = {} } }: WebhookConfiguration): Release | undefined {
  const name = annotations['meta.helm.sh/release-name'];
  const namespace = annotations['meta.helm.sh/release-namespace'];
  return name === undefined || namespace === undefined ? undefined : { name, namespace };
}
