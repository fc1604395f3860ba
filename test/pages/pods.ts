import { expandedArguments, type PodTemplate } from '../chart/pod-templates.ts';
import { callApi } from '../cluster/api.ts';
import type { KubernetesObject, Labels } from '../cluster/objects.ts';

/** A Pod of the release, as far as a kubelet needs it. */
export interface Pod extends KubernetesObject {
  readonly spec: PodTemplate['spec'] & { readonly restartPolicy: string };
  readonly status: { readonly phase: string };
}

/** A Service of the release. */
interface Service extends KubernetesObject {
  readonly spec: { readonly selector: Labels };
}

const MERGE_PATCH = { 'content-type': 'application/merge-patch+json' };

/** Lists the objects at a path of the API, which may have a label selector. */
export async function list<T extends KubernetesObject>(path: string): Promise<readonly T[]> {
  const { body } = await callApi('GET', path);
  return (body as { readonly items?: readonly T[] }).items ?? [];
}

export function argumentsOfPod({ spec, metadata: { namespace = '' } }: Pod): readonly string[] {
  return spec.containers.flatMap((container) => expandedArguments(container, namespace));
}

/** Writes the status that a kubelet reports for a Pod whose containers are ready. */
export async function reportReady(pod: Pod, podIP: string): Promise<void> {
  const startedAt = new Date().toISOString();
  const conditions = ['ContainersReady', 'Ready'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: startedAt,
  }));
  await writeStatus(pod, {
    ...{ phase: 'Running', podIP, podIPs: [{ ip: podIP }], startTime: startedAt, conditions },
    containerStatuses: [containerStatus(pod, { running: { startedAt } }, true)],
  });
}

/** Writes the status that a kubelet reports for a Pod whose container has ended. */
export async function reportEnded(pod: Pod, exitCode: number, message: string): Promise<void> {
  const finishedAt = new Date().toISOString();
  const terminated = { exitCode, message, reason: exitCode === 0 ? 'Completed' : 'Error', finishedAt };
  await writeStatus(pod, {
    ...{ phase: exitCode === 0 ? 'Succeeded' : 'Failed', startTime: finishedAt },
    containerStatuses: [containerStatus(pod, { terminated }, false)],
  });
}

async function writeStatus({ metadata: { namespace, name } }: Pod, status: object): Promise<void> {
  await callApi('PATCH', `/api/v1/namespaces/${namespace}/pods/${name}/status`, { status }, MERGE_PATCH);
}

function containerStatus({ spec }: Pod, state: object, ready: boolean): object {
  const [container] = spec.containers;
  return { name: container?.name, image: '', imageID: '', ready, restartCount: 0, state };
}

/** Writes the EndpointSlices of the Services of a namespace: its controller ignores Pods without a Node. */
export async function writeEndpoints(namespace: string, ready: ReadonlyMap<string, Pod>): Promise<void> {
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  for (const { metadata, spec } of await list<Service>(`/api/v1/namespaces/${namespace}/services`)) {
    const { name = '', labels = {} } = metadata;
    const selected = [...ready].filter(([, pod]) =>
      Object.entries(spec.selector).every(([key, value]) => pod.metadata.labels?.[key] === value),
    );
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, labels: { ...labels, 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'https', port: 10250 }],
      endpoints: selected.map(([address, pod]) => ({
        addresses: [address],
        conditions: { ready: true },
        targetRef: { kind: 'Pod', name: pod.metadata.name, namespace },
      })),
    };
    const query = '?fieldManager=test&force=true';
    const applied = { 'content-type': 'application/apply-patch+yaml' };
    await callApi('PATCH', `${slices}/${name}${query}`, slice, applied);
  }
}
