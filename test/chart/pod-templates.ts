import type { KubernetesObject } from '../cluster/objects.ts';

/** The fields of a Pod template that the tests read. */
export interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: {
    readonly automountServiceAccountToken: boolean;
    readonly serviceAccountName: string;
    readonly containers: readonly Container[];
  };
}

export interface Container {
  readonly name: string;
  readonly args: readonly string[];
  readonly ports?: readonly { readonly name: string }[];
  readonly resources?: object;
  readonly env?: readonly { readonly name: string; readonly valueFrom?: { readonly fieldRef: object } }[];
}

interface PodMaker {
  readonly template?: PodTemplate;
  readonly jobTemplate?: { readonly spec: { readonly template: PodTemplate } };
}

/** The Pod templates of an object: one for a Deployment or a CronJob, otherwise none. */
export function podTemplatesOf({ kind, spec }: KubernetesObject): readonly PodTemplate[] {
  if (kind !== 'Deployment' && kind !== 'CronJob') return [];
  const { template, jobTemplate } = spec as PodMaker;
  return [template, jobTemplate?.spec.template].filter((found) => found !== undefined);
}

/** The Pods that controllers create for a release, and the Pod of `helm test`. */
export function podsOf(objects: readonly KubernetesObject[], namespace: string): readonly KubernetesObject[] {
  const pods = objects.flatMap(podTemplatesOf).map((template, index) => ({
    ...template,
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: `pod-${index}`, namespace },
  }));
  return [...pods, ...objects.filter(({ kind }) => kind === 'Pod')];
}

/** The container arguments in the Pod template of the first object of a kind, expanded as the kubelet does. */
export function argumentsOf(objects: readonly KubernetesObject[], kind: 'Deployment' | 'CronJob'): readonly string[] {
  return objects
    .filter((object) => object.kind === kind)
    .slice(0, 1)
    .flatMap((object) => podTemplatesOf(object).map((template) => ({ template, object })))
    .flatMap(({ template: { spec }, object }) =>
      spec.containers.flatMap((container) => expandedArguments(container, object.metadata.namespace ?? '')),
    );
}

/** Expands $(NAME) if the variable NAME contains the Pod's namespace. */
export function expandedArguments({ args, env = [] }: Container, namespace: string): readonly string[] {
  const names = env.filter(
    ({ valueFrom }) =>
      valueFrom && 'fieldPath' in valueFrom.fieldRef && valueFrom.fieldRef.fieldPath === 'metadata.namespace',
  );
  return args.map((arg) => names.reduce((text, { name }) => text.replaceAll(`$(${name})`, namespace), arg));
}
