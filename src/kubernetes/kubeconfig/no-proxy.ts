import { BlockList, isIP } from 'node:net';

/**
 * Reports whether a server is reached without the proxy of the environment: on this machine, or listed in NO_PROXY as Go reads it
 * (names with subdomains, addresses and networks, each with or without a port).
 */
export function isWithoutProxy(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || isIn('127.0.0.0', 8, host) || isIn('::1', 128, host)) return true;
  return noProxy.split(',').some((entry) => means(entry.trim().toLowerCase(), host, port));
}

function means(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, network = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (isIP(network)) return isIn(network, Number(prefix), host);

  const [, address, name = address ?? entry, itsPort = ''] = /^(?:\[(.*)\]|([^:]*)):([^:]*)$/.exec(entry) ?? [];
  if (itsPort && itsPort !== port) return false;
  if (isIP(name)) return isIn(name, isIP(name) === 6 ? 128 : 32, host);
  return !isIP(host) && isOfDomain(name.replace(/^\*\./, '.'), host);
}

function isOfDomain(domain: string, host: string): boolean {
  if (domain === '') return false;
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}

function isIn(network: string, prefix: number, host: string): boolean {
  const family = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
  if (!isIP(host) || prefix > (isIP(network) === 6 ? 128 : 32)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, family(network));
  return list.check(host, family(host));
}
