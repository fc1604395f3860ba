import type { Server } from 'node:http';
import type { Socket } from 'node:net';

export interface ConnectionLimits {
  /** How many connections may be open at once, those in an unfinished handshake included. */
  readonly most: number;
  /** How many of them an address may have before its own are closed first. */
  readonly share: number;
  /** Called for each connection that is closed to make room; `connections` is how many its address still has. */
  readonly onEvicted: (peer: Readonly<Peer>) => void;
  readonly now?: () => number;
}

/** All connections of one address. */
interface Peer {
  readonly address: string;
  connections: number;
}

interface Connection {
  readonly socket: Socket;
  readonly ends: string;
  readonly peer: Peer;
  usedAt: number;
  /** The number of requests in flight. */
  requests: number;
}

/** While a request is in flight, its connection counts as used this much later: the chart's `timeoutSeconds`. */
const REQUEST_MS = 2_000;

/** HTTP/1.1 clients send the next request after the last answer. */
export const MOST_REQUESTS_OF_A_CONNECTION = 8;

/** Much shorter than the quiet period before it; a connection that was just accepted has this long to send its request. */
const CLOSING_INTERVAL_MS = 50;

/**
 * Keeps the connections of a server bounded.
 *
 * A new connection is never refused: at the limit, it evicts another one. Addresses with more than their share lose one first,
 * starting with the one that has the most; among equals, the connection that was opened or last answered the longest ago.
 * So a client with thousands of connections evicts its own, and those that an API server uses go last.
 */
export class Connections {
  readonly #server: Server;
  readonly #limits: ConnectionLimits;
  readonly #now: () => number;
  readonly #open = new Map<string, Connection>();
  readonly #peers = new Map<string, Peer>();
  #requests = 0;

  constructor(server: Server, limits: ConnectionLimits) {
    this.#server = server;
    this.#limits = limits;
    this.#now = limits.now ?? (() => performance.now());
    // This is the TCP connection, also for a TLS server: a handshake that never begins counts.
    server.on('connection', (socket) => this.#add(socket));
    server.on('request', ({ socket }, response) => {
      this.#requests += 1;
      // The TLS socket of a request is not the accepted socket, but has the same addresses and ports.
      const connection = this.#open.get(endsOf(socket));
      if (connection) {
        connection.usedAt = this.#now() + REQUEST_MS;
        connection.requests += 1;
        if (connection.requests > MOST_REQUESTS_OF_A_CONNECTION) cutOff(socket);
      }
      response.once('close', () => {
        this.#requests -= 1;
        if (!connection) return;
        connection.usedAt = this.#now();
        connection.requests -= 1;
      });
    });
  }

  get count(): number {
    return this.#open.size;
  }

  /**
   * From now on, closes all connections as soon as no request is in flight. Node waits for connections that never had a
   * request, and Go opens connections ahead of time: an API server would hold the process until its grace period is over.
   */
  endWhenIdle(): void {
    const timer = setInterval(() => {
      if (this.#requests > 0) return;
      for (const { socket } of this.#open.values()) socket.destroy();
    }, CLOSING_INTERVAL_MS).unref();
    this.#server.once('close', () => clearInterval(timer));
  }

  #add(socket: Socket): void {
    const { remoteAddress: address } = socket;
    if (address === undefined) {
      socket.destroy(); // It was reset before it was accepted.
      return;
    }

    const peer = this.#peers.get(address) ?? { address, connections: 0 };
    peer.connections += 1;
    this.#peers.set(address, peer);
    const connection = { socket, ends: endsOf(socket), peer, usedAt: this.#now(), requests: 0 };
    this.#open.set(connection.ends, connection);
    socket.once('close', () => this.#remove(connection));
    if (this.#open.size > this.#limits.most) this.#evict();
  }

  /** Looks at every connection: for a thousand of them this takes some microseconds, and accepting one takes a hundred. */
  #evict(): void {
    const first = [...this.#open.values()].reduce((a, b) => (this.#goesBefore(b, a) ? b : a));
    this.#remove(first);
    first.socket.destroy();
    this.#limits.onEvicted(first.peer);
  }

  #goesBefore(a: Connection, b: Connection): boolean {
    const { share } = this.#limits;
    const excess = Math.max(a.peer.connections, share) - Math.max(b.peer.connections, share);
    return excess === 0 ? a.usedAt < b.usedAt : excess > 0;
  }

  /** Called on eviction, and again on close. */
  #remove(connection: Connection): void {
    const { ends, peer } = connection;
    if (this.#open.get(ends) !== connection) return;
    this.#open.delete(ends);
    peer.connections -= 1;
    if (peer.connections === 0) this.#peers.delete(peer.address);
  }
}

/** Tells Node's parser that what follows is another protocol. */
const UPGRADED = 2;

/**
 * Closes a connection with too many requests in flight. Node parses all that it has read, even of a destroyed connection, and keeps
 * the requests until the turn of the event loop is over: 100 connections with 64 KiB each took 370 MB. So the parser is stopped. Node
 * does not document how; if it changes that, nothing breaks, and the tests fail.
 */
function cutOff(socket: Socket): void {
  Object(Reflect.get(socket, 'parser')).onIncoming = () => UPGRADED;
  socket.destroy();
}

/** Identifies a connection among all open ones. */
function endsOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
