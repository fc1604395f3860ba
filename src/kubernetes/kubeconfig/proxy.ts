import type { Environment } from './load.ts';
import { isWithoutProxy } from './no-proxy.ts';

/** The proxy on the way to a server; undefined where there is none. Throws where it is of a kind that we do not speak to. */
export function proxyFor(server: URL, proxyUrl: string, environment: Environment): URL | undefined {
  if (proxyUrl) return usable(proxyUrl, URL.parse(proxyUrl), 'proxy-url');
  const variable = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = either(environment, variable);
  if (!text || isWithoutProxy(server, either(environment, 'NO_PROXY'))) return undefined;
  const url = URL.parse(text);
  return usable(text, url?.host ? url : URL.parse(`http://${text}`), variable);
}

function either(environment: Environment, variable: string): string {
  return environment[variable] || environment[variable.toLowerCase()] || '';
}

function usable(text: string, url: URL | null, source: string): URL {
  if (url?.host && ['http:', 'socks5:', 'socks5h:'].includes(url.protocol)) return url;
  const shown = text.replace(/\/\/[^@/]*@/, '//');
  throw new Error(`the proxy "${shown}" (${source}) is not supported; use one with http:// or socks5://`);
}
