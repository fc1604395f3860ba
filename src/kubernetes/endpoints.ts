import type { ApiClient } from './api-client.ts';

/** A Pod that receives admission requests. */
export interface Endpoint {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** A Service, by its name. */
interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
}

/** The API server writes null for a list without elements. */
interface EndpointSliceList {
  readonly items: readonly {
    readonly ports: readonly { readonly name?: string; readonly port?: number }[] | null;
    readonly endpoints:
      | readonly {
          readonly conditions: { readonly ready?: boolean };
          readonly targetRef?: { readonly kind: string; readonly name: string };
        }[]
      | null;
  }[];
}

/** The ready Pods of a Service, each with the port named `https` (discovery.k8s.io/v1 EndpointSlice). */
export async function readyEndpoints(client: ApiClient, { namespace, name }: ServiceReference): Promise<Endpoint[]> {
  const slices = await client.get<EndpointSliceList>({
    path: `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`,
    query: { labelSelector: `kubernetes.io/service-name=${name}` },
  });
  const endpoints = new Map<string, Endpoint>();
  for (const { ports, endpoints: listed } of slices?.items ?? []) {
    const port = ports?.find((candidate) => candidate.name === 'https')?.port;
    for (const { conditions, targetRef } of listed ?? []) {
      if (port === undefined || conditions.ready === false || targetRef?.kind !== 'Pod') continue;
      // A Pod with two IP families is in two slices.
      endpoints.set(targetRef.name, { namespace, pod: targetRef.name, port });
    }
  }
  return [...endpoints.values()].sort((a, b) => a.pod.localeCompare(b.pod));
}
