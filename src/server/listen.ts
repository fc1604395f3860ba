import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { AdmissionServer } from './admission-server.ts';

/** Where to listen. */
export interface Address {
  /** An IP address; empty for every address that this machine has, of IPv4 and IPv6. */
  readonly host: string;
  /** 0 lets the system choose one. */
  readonly port: number;
}

/**
 * How many connections wait in the kernel to be accepted: all that an API server dials at once, which may be 200. They are
 * accepted in order, one with each turn of the event loop, so that behind thousands of a stranger's none would be in time.
 */
const BACKLOG = 256;

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use',
  EACCES: 'permission denied',
  EADDRNOTAVAIL: 'this machine has no such address',
};

/** Listens on an address and returns the one that it has become. Rejects with what to do about it: `flag` is the setting to change. */
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
 * Where, on this machine, to reach a server that listens on an address, be it all of them: the first that can be connected
 * to. A listener on `::` takes IPv4 as well, also where the machine has no address of IPv6, not even ::1.
 */
export function loopbacks(host: string): readonly string[] {
  const every: Readonly<Record<string, readonly string[]>> = { '0.0.0.0': ['127.0.0.1'], '::': ['127.0.0.1', '::1'] };
  return every[host] ?? [host];
}
