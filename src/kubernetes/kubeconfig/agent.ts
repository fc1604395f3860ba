import { type AgentOptions, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { type ConnectionOptions, connect } from 'node:tls';
import type { Connection } from '../api-caller.ts';
import { type Destination, type Dial, dialHttp, dialSocks } from './dial.ts';
import type { Environment } from './load.ts';
import { proxyFor, shownProxy } from './proxy.ts';

/** The way to a server: directly, through the given proxy, or through that of the environment. */
export function wayTo(
  server: string,
  proxyUrl: string,
  environment: Environment,
): Pick<Connection, 'server' | 'agent' | 'proxy'> {
  const url = new URL(server);
  const proxy = proxyFor(url, proxyUrl, environment);
  return { server, agent: agentFor(url, proxy), proxy: proxy && shownProxy(proxy) };
}

/** Keeps connections to a server, through a proxy if there is one. */
function agentFor(server: URL, proxy: URL | undefined): HttpAgent {
  const isSecure = server.protocol === 'https:';
  if (proxy && isSocks(proxy)) return tunnelling(isSecure, dialSocks(proxy));
  if (proxy && isSecure) return tunnelling(isSecure, dialHttp(proxy));
  if (isSecure) return new HttpsAgent({ keepAlive: true });
  return new HttpAgent({ keepAlive: true, ...(proxy && { proxyEnv: { HTTP_PROXY: proxy.href } }) });
}

function isSocks({ protocol }: URL): boolean {
  return protocol.startsWith('socks5');
}

/**
 * The agents of Node.js and agent-base leave an unanswered proxy connection open when its request is aborted, which keeps the
 * process alive.
 */
function tunnelling(isSecure: boolean, dial: Dial): HttpAgent {
  const options: AgentOptions = { keepAlive: true };
  const agent = isSecure ? new HttpsAgent(options) : new HttpAgent(options);
  agent.createConnection = (given, callback) => {
    const destination = given as Destination & ConnectionOptions;
    dial(destination).then(
      (socket) => callback?.(null, isSecure ? connect({ ...destination, socket }) : socket),
      (error) => callback?.(error, undefined as never),
    );
    return undefined;
  };
  return agent;
}
