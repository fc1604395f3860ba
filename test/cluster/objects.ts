import { randomUUID } from 'node:crypto';
import { kubectl } from './kubectl.ts';

// Written out instead of imported from src: users' selectors depend on these keys.
export const STANDARD = 'gateway.networking.k8s.io/gateway-name';
export const OWNER = 'gateway.envoyproxy.io/owning-gateway-name';
export const OPT_OUT = 'gateway-name-webhook/ignore';

/** A namespace's label whose value is the name of the webhook configuration that covers it. */
export const NAMESPACE_LABEL = 'gateway-name-webhook-test';

export const KINDS = ['ServiceAccount', 'Pod', 'Service'] as const;
export type Kind = (typeof KINDS)[number];

export type Labels = Readonly<Record<string, string>>;

/** An object of the Kubernetes API, as JSON. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name?: string;
    readonly generateName?: string;
    readonly namespace?: string;
    readonly labels?: Labels;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

const SPECS = {
  ServiceAccount: {},
  Pod: { spec: { containers: [{ name: 'envoy', image: 'envoy' }] } },
  Service: { spec: { ports: [{ port: 80 }] } },
} as const;

/** The smallest object of a kind that the API server accepts. Its name is `eg` unless the metadata says otherwise. */
export function objectOf(kind: Kind, metadata: KubernetesObject['metadata']): KubernetesObject {
  const name = metadata.generateName === undefined ? { name: 'eg' } : {};
  return { apiVersion: 'v1', kind, metadata: { ...name, ...metadata }, ...SPECS[kind] };
}

/** A name for one of very many objects: of the names that API servers before 1.31 generate, one in thousands is taken. */
export function uniqueName(): string {
  return `eg-${randomUUID()}`;
}

/** Creates a namespace that a webhook configuration covers, or that none covers. Returns its generated name. */
export async function createNamespace(registration?: { readonly name: string }): Promise<string> {
  const labels = registration && { [NAMESPACE_LABEL]: registration.name };
  const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'test-', labels } };
  const created = await kubectl(['create', '-o', 'name', '-f', '-'], manifest);
  return created.trim().replace('namespace/', '');
}

/** Creates an object with `kubectl create` and returns the API server's answer. */
export async function create(object: KubernetesObject): Promise<KubernetesObject> {
  return JSON.parse(await kubectl(['create', '-o', 'json', '-f', '-'], object));
}

/** Reads a stored object, with its managed fields. */
export async function stored(kind: string, namespace: string, name = 'eg'): Promise<KubernetesObject> {
  return JSON.parse(await kubectl(['get', kind, name, '-n', namespace, '-o', 'json', '--show-managed-fields']));
}
