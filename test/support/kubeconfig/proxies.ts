import { BY_CA, type KubeconfigCase, kubeconfig } from './case.ts';

/** Go uses the environment's proxies only for names that are not local. */
export const FAR = { ...BY_CA, server: 'https://api.test:$HTTPS_PORT' };
export const OF_FAR = { host: 'api.test:https', sni: 'api.test' };
export const CONNECT = 'CONNECT api.test:https';
export const NEAR_PROXY = 'http://localhost:$PROXY_PORT';

export const PROXY_CASES: readonly KubeconfigCase[] = [
  {
    name: 'HTTPS_PROXY',
    files: { config: kubeconfig({ cluster: FAR }) },
    env: { HTTPS_PROXY: NEAR_PROXY },
    kubectl: { ...OF_FAR, proxy: CONNECT },
  },
  {
    name: 'https_proxy without a scheme',
    files: { config: kubeconfig({ cluster: FAR }) },
    env: { https_proxy: 'localhost:$PROXY_PORT' },
    kubectl: { ...OF_FAR, proxy: CONNECT },
  },
  {
    name: 'HTTPS_PROXY with credentials',
    files: { config: kubeconfig({ cluster: FAR }) },
    env: { HTTPS_PROXY: 'http://me:p%40w@localhost:$PROXY_PORT' },
    kubectl: { ...OF_FAR, proxy: `${CONNECT} Basic ${btoa('me:p@w')}` },
  },
  { name: 'HTTPS_PROXY for localhost', files: { config: kubeconfig() }, env: { HTTPS_PROXY: NEAR_PROXY }, kubectl: {} },
  {
    name: 'HTTPS_PROXY for a loopback address',
    files: { config: kubeconfig({ cluster: { ...BY_CA, server: 'https://127.0.0.1:$HTTPS_PORT' } }) },
    env: { HTTPS_PROXY: NEAR_PROXY },
    kubectl: { host: '127.0.0.1:https', sni: undefined },
  },
  {
    name: 'HTTP_PROXY is not used for HTTPS',
    files: { config: kubeconfig() },
    env: { HTTP_PROXY: NEAR_PROXY, ALL_PROXY: NEAR_PROXY },
    kubectl: {},
  },
  {
    name: 'HTTP_PROXY',
    files: { config: kubeconfig({ cluster: { server: 'http://api.test:$HTTP_PORT' } }) },
    env: { HTTP_PROXY: NEAR_PROXY },
    kubectl: { scheme: 'http', host: 'api.test:http', sni: undefined, authorization: undefined, proxy: 'GET' },
  },
  {
    name: 'HTTP_PROXY with credentials',
    files: { config: kubeconfig({ cluster: { server: 'http://api.test:$HTTP_PORT/k' } }) },
    env: { HTTP_PROXY: 'http://me@localhost:$PROXY_PORT' },
    kubectl: {
      scheme: 'http',
      host: 'api.test:http',
      path: '/k/api/v1/namespaces/default/serviceaccounts',
      sni: undefined,
      authorization: undefined,
      proxy: `GET Basic ${btoa('me:')}`,
    },
  },
  {
    name: 'HTTPS_PROXY with a SOCKS proxy',
    files: { config: kubeconfig({ cluster: FAR }) },
    env: { HTTPS_PROXY: 'socks5://localhost:$SOCKS_PORT' },
    kubectl: { ...OF_FAR, proxy: 'SOCKS api.test:https' },
  },
  {
    name: 'NO_PROXY',
    files: { config: kubeconfig({ cluster: FAR }) },
    env: { HTTPS_PROXY: NEAR_PROXY, NO_PROXY: 'other.test, .test' },
    kubectl: /api\.test/,
    ours: /api\.test/,
  },
  {
    name: 'NO_PROXY with another port',
    files: { config: kubeconfig({ cluster: FAR }) },
    env: { HTTPS_PROXY: NEAR_PROXY, NO_PROXY: 'api.test:1' },
    kubectl: { ...OF_FAR, proxy: CONNECT },
  },
];
