import { KubeConfig } from '@kubernetes/client-node';
import type { CallOptions, Connection } from './api-caller.ts';

type Options = Parameters<KubeConfig['applyToHTTPSOptions']>[0];

/** A connection in the form that the Kubernetes client's WebSockets need. */
export class ConnectionConfig extends KubeConfig {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    super();
    this.#connection = connection;
    const { server } = connection;
    this.loadFromClusterAndUser({ name: 'cluster', server, skipTLSVerify: false }, { name: 'user' });
  }

  override async applyToHTTPSOptions(options: Options): Promise<void> {
    const call: CallOptions = { headers: {} };
    await this.#connection.authorize(call);
    Object.assign(options, call, { agent: this.#connection.agent });
  }
}
