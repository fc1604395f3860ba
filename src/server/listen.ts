import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { AdmissionServer } from './admission-server.ts';

/** Where to listen. */
export interface Address {
  /** An IP address; empty for all IPv4 and IPv6 addresses of this machine. */
  readonly host: string;
  /** 0 lets the system choose one. */
  readonly port: number;
}

/**
 * How many connections wait in the kernel to be accepted: as many as an API server opens at once, up to 200. They are
 * accepted in order, one in each turn of the event loop: behind thousands from another client, none would be in time.
 */
const BACKLOG = 256;

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this machine has no such address',
};

/** Listens on an address and returns the actual one. Rejects with what to do about it: `flag` is the setting to change. */
export async function listen(
  app: FastifyInstance | AdmissionServer,
  { host, port }: Address,
  flag: string,
): Promise<Address> {
  try {
    await app.listen({ host, port, backlog: BACKLOG, listenTextResolver: () => 'accepting connections' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = REASONS[String(code)] ?? message;
    throw new Error(`Cannot listen on ${host}:${port}: ${reason}; choose another with ${flag}`, { cause: error });
  }
  const bound = app.server.address() as AddressInfo;
  return { host: bound.address, port: bound.port };
}

/**
 * The local addresses of a server that listens on this address, or on all: use the first that accepts a connection. A
 * listener on `::` also accepts IPv4, even if the machine has no IPv6 address, not even ::1.
 */
export function loopbacks(host: string): readonly string[] {
  const every: Readonly<Record<string, readonly string[]>> = { '0.0.0.0': ['127.0.0.1'], '::': ['127.0.0.1', '::1'] };
  return every[host] ?? [host];
}
