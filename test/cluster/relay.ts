import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { ClientConfig } from './webhook.ts';

/** Forwards TCP connections, as a Service does: its address stays the same, its targets may change. */
export class Relay implements AsyncDisposable {
  /** How many connections there have been. */
  connections = 0;
  /** The local ports to which new connections go in turn. Without any, connections are closed. */
  targets: readonly number[];
  readonly #server: Server;
  readonly #clients = new Set<Socket>();
  #port = 0;
  #isSilent = false;

  private constructor(targets: readonly number[]) {
    this.targets = targets;
    this.#server = createServer((client) => this.#pass(client));
  }

  static async start(...targets: readonly number[]): Promise<Relay> {
    const relay = new Relay(targets);
    await relay.#listen();
    return relay;
  }

  get port(): number {
    return this.#port;
  }

  /** Returns the clientConfig of a webhook that is called through this relay. */
  inFrontOf({ url, caBundle }: ClientConfig): ClientConfig {
    const address = new URL(url);
    address.port = String(this.#port);
    return { url: address.href, caBundle };
  }

  /** Closes every connection, and refuses new ones until `restore`. */
  async refuse(): Promise<void> {
    const closed = once(this.#server.close(), 'close');
    for (const client of this.#clients) client.destroy();
    await closed;
  }

  /** Forwards nothing until `restore`, as a network that drops packets. */
  async silence(): Promise<void> {
    this.#isSilent = true;
    if (!this.#server.listening) await this.#listen();
    for (const client of this.#clients) client.unpipe().resume();
  }

  /** Forwards new connections again, and closes the silenced ones. */
  async restore(): Promise<void> {
    this.#isSilent = false;
    for (const client of this.#clients) client.destroy();
    if (!this.#server.listening) await this.#listen();
  }

  /** Ends every connection; resolves after their clients have closed them, too. */
  async endConnections(): Promise<void> {
    await Promise.all(
      [...this.#clients].map((client) => {
        // Not `once`: it rejects if the server writes to a client that is closing.
        const closed = new Promise((resolve) => client.once('close', resolve));
        client.end();
        return closed;
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.refuse();
  }

  async #listen(): Promise<void> {
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #pass(client: Socket): void {
    this.connections += 1;
    this.#clients.add(client);
    client.once('close', () => this.#clients.delete(client));
    client.on('error', () => {});
    if (this.#isSilent) return void client.resume();
    const target = this.targets[this.connections % this.targets.length];
    if (target === undefined) return void client.destroy();

    const server = connect(target, '127.0.0.1');
    client.pipe(server).pipe(client);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      // `close` follows an error, and is forwarded below.
      socket.on('error', () => {});
      socket.once('close', () => other.destroy());
    }
  }
}
