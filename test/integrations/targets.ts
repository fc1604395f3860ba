import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ApiServer } from '../e2e/api-server.ts';
import { NAME } from '../e2e/installation.ts';

interface EndpointSlice {
  readonly ports: readonly { readonly name: string; readonly port: number }[] | null;
  readonly endpoints:
    | readonly {
        readonly addresses: readonly string[];
        readonly targetRef: { readonly name: string };
      }[]
    | null;
}

const SLICES = `/apis/discovery.k8s.io/v1/namespaces/${NAME}/endpointslices?labelSelector=kubernetes.io/service-name+in+(${NAME},${NAME}-twin)`;

/**
 * Lists targets for Prometheus over HTTP: the endpoints that the chart's ServiceMonitor selects, with the labels that the
 * Prometheus operator adds. (Debian's Prometheus has no Kubernetes service discovery.)
 */
export class Targets implements AsyncDisposable {
  readonly #server = createServer((_, response) => {
    this.#find().then(
      (targets) => response.setHeader('content-type', 'application/json').end(JSON.stringify(targets)),
      // Prometheus keeps its current targets.
      (error: Error) => response.writeHead(502).end(error.message),
    );
  });
  readonly #api: ApiServer;

  private constructor(api: ApiServer) {
    this.#api = api;
  }

  static async serve(api: ApiServer): Promise<Targets> {
    const targets = new Targets(api);
    await once(targets.#server.listen(0, '127.0.0.1'), 'listening');
    return targets;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async #find() {
    const { status, body } = await this.#api.send('GET', SLICES);
    if (status !== 200) throw new Error(`Cannot read the endpoints of ${NAME}: ${status} ${body}`);
    const { items } = JSON.parse(body) as { items: readonly EndpointSlice[] };
    // Without Pods, there are neither ports nor endpoints.
    return items.flatMap(({ ports, endpoints }) => {
      const { port } = ports?.find(({ name }) => name === 'metrics') ?? {};
      return (endpoints ?? []).map(({ addresses, targetRef }) => ({
        targets: addresses.map((address) => `${address.includes(':') ? `[${address}]` : address}:${port}`),
        labels: { job: NAME, namespace: NAME, pod: targetRef.name },
      }));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), 'close');
  }
}
