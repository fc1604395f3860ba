import { ApiError } from '../api-error.ts';
import type { Environment } from './load.ts';
import { isWithoutProxy } from './no-proxy.ts';

/** The proxy for a server; undefined if there is none. Throws if its kind is not supported. */
export function proxyFor(server: URL, proxyUrl: string, environment: Environment): URL | undefined {
  if (proxyUrl) return usable(URL.parse(proxyUrl), 'proxy-url');
  const variable = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const text = either(environment, variable);
  if (!text || isWithoutProxy(server, either(environment, 'NO_PROXY'))) return undefined;
  const url = URL.parse(text);
  return usable(url?.host ? url : URL.parse(`http://${text}`), variable);
}

/** Without credentials. */
export function shownProxy(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`;
}

function either(environment: Environment, variable: string): string {
  return environment[variable] || environment[variable.toLowerCase()] || '';
}

function usable(url: URL | null, source: string): URL {
  if (url?.host && ['http:', 'https:', 'socks5:', 'socks5h:'].includes(url.protocol)) return url;
  // Not the whole URL, which may contain a password.
  const shown = url ? ` "${shownProxy(url)}"` : '';
  throw new ApiError(`the proxy${shown} in ${source} is not supported; use http://, https:// or socks5://`, undefined);
}
