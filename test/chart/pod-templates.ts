import type { KubernetesObject } from '../cluster/objects.ts';

/** The template of a Pod, as far as the tests read it. */
export interface PodTemplate {
  readonly spec: {
    readonly automountServiceAccountToken: boolean;
    readonly containers: readonly { readonly args: readonly string[] }[];
  };
}

interface PodMaker {
  readonly template?: PodTemplate;
  readonly jobTemplate?: { readonly spec: { readonly template: PodTemplate } };
}

/** The templates of the Pods that an object makes: of a Deployment or a CronJob one, otherwise none. */
export function podTemplatesOf({ kind, spec }: KubernetesObject): readonly PodTemplate[] {
  if (kind !== 'Deployment' && kind !== 'CronJob') return [];
  const { template, jobTemplate } = spec as PodMaker;
  return [template, jobTemplate?.spec.template].filter((found) => found !== undefined);
}

/** The arguments of the containers of all Pods that objects of one kind make. */
export function argumentsOf(objects: readonly KubernetesObject[], kind: 'Deployment' | 'CronJob'): readonly string[] {
  const templates = objects.filter((object) => object.kind === kind).flatMap(podTemplatesOf);
  return templates.flatMap(({ spec }) => spec.containers.flatMap(({ args }) => args));
}
