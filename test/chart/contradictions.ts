import type { KubernetesObject } from '../cluster/objects.ts';
import { configurationsOf, type Entry } from './installed.ts';
import { argumentsOf } from './pod-templates.ts';

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

interface Certificate {
  readonly dnsNames?: readonly string[];
}

/** Returns references to objects that the release does not contain: a tool that renames or moves objects missed them. */
export function contradictions(objects: readonly KubernetesObject[]): readonly string[] {
  const names = new Set(objects.map(({ kind, metadata: { name, namespace } }) => keyOf(kind, name, namespace)));
  return referencesOf(objects)
    .filter(({ to }) => !names.has(to))
    .map(({ from, to }) => `${from}: no ${to}`);
}

interface Reference {
  /** The place of the reference. */
  readonly from: string;
  /** The key of the referenced object. */
  readonly to: string;
}

function keyOf(kind: string, name: string | undefined, namespace: string | undefined): string {
  return [kind, namespace, name].filter((part) => part !== undefined).join(' ');
}

function referencesOf(objects: readonly KubernetesObject[]): readonly Reference[] {
  return [
    ...objects.flatMap(subjectsOf),
    ...configurationsOf(objects).flatMap(servicesOf),
    ...configurationsOf(objects).flatMap(injectedOf),
    ...objects.flatMap(certifiedOf),
    ...servedOf(objects),
  ];
}

function subjectsOf({ kind, metadata, ...binding }: KubernetesObject): readonly Reference[] {
  const subjects = (binding['subjects'] as readonly Subject[] | undefined) ?? [];
  return subjects.map((subject) => ({
    from: `subjects of ${keyOf(kind, metadata.name, metadata.namespace)}`,
    to: keyOf(subject.kind, subject.name, subject.namespace),
  }));
}

function servicesOf(configuration: KubernetesObject): readonly Reference[] {
  return (configuration['webhooks'] as readonly Entry[]).flatMap(({ name, clientConfig }) => {
    const service = clientConfig['service'] as { readonly name: string; readonly namespace: string } | undefined;
    return service ? [{ from: `clientConfig of ${name}`, to: keyOf('Service', service.name, service.namespace) }] : [];
  });
}

function injectedOf({ metadata }: KubernetesObject): readonly Reference[] {
  const annotations = (metadata['annotations'] as Readonly<Record<string, string>> | undefined) ?? {};
  const [namespace, name] = annotations['cert-manager.io/inject-ca-from']?.split('/') ?? [];
  return name === undefined ? [] : [{ from: 'inject-ca-from', to: keyOf('Certificate', name, namespace) }];
}

/** A serving certificate names a Service. */
function certifiedOf({ kind, spec, metadata }: KubernetesObject): readonly Reference[] {
  if (kind !== 'Certificate') return [];
  const { dnsNames = [] } = spec as Certificate;
  return dnsNames.map((name) => ({ from: `dnsNames of ${metadata.name}`, to: serviceOf(name) }));
}

/** The webhook's flags name its Services, its Secret and its configuration. */
function servedOf(objects: readonly KubernetesObject[]): readonly Reference[] {
  const args = argumentsOf(objects, 'Deployment');
  const of = (flag: string, keyOfValue: (value: string) => string) =>
    valuesOf(args, flag).map((value) => ({ from: flag, to: keyOfValue(value) }));
  return [
    ...of('--names', serviceOf),
    ...of('--ca-secret', (value) => `Secret ${value.replace('/', ' ')}`),
    ...of('--webhook-configuration', (value) => keyOf('MutatingWebhookConfiguration', value, undefined)),
  ];
}

function valuesOf(args: readonly string[], flag: string): readonly string[] {
  return args.filter((argument) => argument.startsWith(`${flag}=`)).map((argument) => argument.slice(flag.length + 1));
}

/** The key of the Service with a host name such as webhook.gateways.svc. */
function serviceOf(host: string): string {
  const [name, namespace] = host.split('.');
  return keyOf('Service', name, namespace);
}
