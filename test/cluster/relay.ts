import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { ClientConfig } from './webhook.ts';

/** Passes TCP connections on, as a Service does: the API server keeps its address, what answers there may change. */
export class Relay implements AsyncDisposable {
  /** How many connections there have been. */
  connections = 0;
  /** The local port that new connections go to. */
  target: number;
  readonly #server: Server;
  readonly #clients = new Set<Socket>();

  private constructor(target: number) {
    this.target = target;
    this.#server = createServer((client) => this.#pass(client));
  }

  static async start(target: number): Promise<Relay> {
    const relay = new Relay(target);
    await once(relay.#server.listen(0, '127.0.0.1'), 'listening');
    return relay;
  }

  /** What a webhook configuration says of a webhook that is called by this relay. */
  inFrontOf({ url, caBundle }: ClientConfig): ClientConfig {
    const address = new URL(url);
    address.port = String((this.#server.address() as AddressInfo).port);
    return { url: address.href, caBundle };
  }

  /** Ends every connection; resolves once their clients have, too. */
  async endConnections(): Promise<void> {
    await Promise.all(
      [...this.#clients].map((client) => {
        const closed = once(client, 'close');
        client.end();
        return closed;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server.close(), 'close');
    for (const client of this.#clients) client.destroy();
    await closed;
  }

  #pass(client: Socket): void {
    this.connections += 1;
    this.#clients.add(client);
    const server = connect(this.target, '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      // An error is followed by `close`, and that is passed on.
      socket.on('error', () => {});
      socket.once('close', () => other.destroy());
    }
    client.once('close', () => this.#clients.delete(client));
  }
}
