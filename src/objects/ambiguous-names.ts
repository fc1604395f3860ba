import { gatewayOf } from './gateway-reference.ts';
import type { StoredObject } from './stored-object.ts';

/** A value of the standard label that, in one namespace, stands for several Gateways. */
export interface AmbiguousName {
  /** The namespace of the objects. */
  readonly namespace: string;
  readonly name: string;
  /** The namespaces of the Gateways. */
  readonly gatewayNamespaces: readonly string[];
}

/** Finds ambiguous names by the Gateways of all objects. Its size depends on the number of Gateways. */
export class GatewayNames {
  readonly #gateways = new Map<string, Set<string>>();

  add({ metadata }: StoredObject): void {
    const gateway = gatewayOf(metadata);
    if (gateway?.namespace === undefined) return;
    const key = `${metadata.namespace}/${gateway.name}`;
    const namespaces = this.#gateways.get(key) ?? new Set();
    this.#gateways.set(key, namespaces.add(gateway.namespace));
  }

  ambiguous(): AmbiguousName[] {
    return [...this.#gateways]
      .filter(([, gatewayNamespaces]) => gatewayNamespaces.size > 1)
      .map(([key, gatewayNamespaces]) => {
        const [namespace = '', name = ''] = key.split('/');
        return { namespace, name, gatewayNamespaces: [...gatewayNamespaces].sort() };
      });
  }
}
