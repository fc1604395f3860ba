import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { SocksProxyAgent } from 'socks-proxy-agent';

/** Keeps connections to a server, through a proxy where there is one. */
export function agentFor(server: URL, proxy: URL | undefined): HttpAgent {
  if (proxy?.protocol.startsWith('socks5')) {
    // The proxy looks names up, as for kubectl: those of private clusters are often known only there.
    return new SocksProxyAgent(proxy.href.replace(/^socks5:/, 'socks5h:'), { keepAlive: true });
  }
  const proxyEnv = proxy && { HTTP_PROXY: proxy.href, HTTPS_PROXY: proxy.href };
  const options = { keepAlive: true, ...(proxyEnv && { proxyEnv }) };
  return server.protocol === 'http:' ? new HttpAgent(options) : new HttpsAgent(options);
}
