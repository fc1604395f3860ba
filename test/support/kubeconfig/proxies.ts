import { BY_CA, type KubeconfigCase, kubeconfig } from './case.ts';

/** Where names are not those of this machine, Go asks proxies. */
const FAR = { ...BY_CA, server: 'https://api.test:$HTTPS_PORT' };
const OF_FAR = { host: 'api.test:https', sni: 'api.test' };
const CONNECT = 'CONNECT api.test:https';
const NEAR_PROXY = 'http://localhost:$PROXY_PORT';

export const PROXY_CASES: readonly KubeconfigCase[] = [
  {
    name: 'HTTPS_PROXY',
    files: { config: kubeconfig({ cluster: FAR }) },
    env: { HTTPS_PROXY: NEAR_PROXY },
    kubectl: { ...OF_FAR, proxy: CONNECT },
  },
  {
    name: 'https_proxy without scheme',
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
    name: 'HTTP_PROXY for HTTPS',
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
    name: 'HTTPS_PROXY of SOCKS',
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
    name: 'NO_PROXY of another port',
    files: { config: kubeconfig({ cluster: FAR }) },
    env: { HTTPS_PROXY: NEAR_PROXY, NO_PROXY: 'api.test:1' },
    kubectl: { ...OF_FAR, proxy: CONNECT },
  },
  {
    name: 'proxy-url',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': NEAR_PROXY } }) },
    env: { HTTPS_PROXY: 'http://localhost:1', NO_PROXY: '*' },
    kubectl: { ...OF_FAR, proxy: CONNECT },
  },
  {
    name: 'proxy-url for localhost',
    files: { config: kubeconfig({ cluster: { ...BY_CA, 'proxy-url': NEAR_PROXY } }) },
    kubectl: { proxy: 'CONNECT localhost:https' },
  },
  {
    name: 'proxy-url for IPv6',
    files: {
      config: kubeconfig({ cluster: { ...BY_CA, server: 'https://[::1]:$HTTPS_PORT', 'proxy-url': NEAR_PROXY } }),
    },
    kubectl: { host: '[::1]:https', sni: undefined, proxy: 'CONNECT [::1]:https' },
  },
  {
    name: 'proxy-url and tls-server-name',
    files: { config: kubeconfig({ cluster: { ...FAR, 'tls-server-name': 'other.test', 'proxy-url': NEAR_PROXY } }) },
    kubectl: { ...OF_FAR, sni: 'other.test', proxy: CONNECT },
  },
  {
    name: 'proxy-url and a client certificate',
    files: {
      config: kubeconfig({
        cluster: { ...FAR, 'proxy-url': NEAR_PROXY },
        user: { 'client-certificate-data': '$CERT', 'client-key-data': '$KEY' },
      }),
    },
    kubectl: { ...OF_FAR, authorization: undefined, certificate: 'jane', proxy: CONNECT },
  },
  {
    name: 'proxy-url for HTTP',
    files: { config: kubeconfig({ cluster: { server: 'http://api.test:$HTTP_PORT', 'proxy-url': NEAR_PROXY } }) },
    kubectl: { scheme: 'http', host: 'api.test:http', sni: undefined, authorization: undefined, proxy: 'GET' },
  },
  {
    name: 'proxy-url of SOCKS',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'socks5://localhost:$SOCKS_PORT' } }) },
    kubectl: { ...OF_FAR, proxy: 'SOCKS api.test:https' },
  },
  {
    name: 'proxy-url of SOCKS for HTTP',
    files: {
      config: kubeconfig({
        cluster: { server: 'http://api.test:$HTTP_PORT', 'proxy-url': 'socks5://localhost:$SOCKS_PORT' },
      }),
    },
    kubectl: {
      scheme: 'http',
      host: 'api.test:http',
      sni: undefined,
      authorization: undefined,
      proxy: 'SOCKS api.test:http',
    },
  },
  {
    name: 'proxy-url of HTTPS',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'https://me:pw@localhost:$HTTPS_PORT' } }) },
    kubectl: /./,
    ours: /the proxy "https:\/\/localhost:\d+" \(proxy-url\) is not supported; use one with http:\/\/ or socks5:\/\//,
  },
  {
    name: 'proxy-url of another kind',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'ftp://localhost:1' } }) },
    kubectl: /unsupported scheme "ftp"/,
    ours: /is not supported/,
  },
  {
    name: 'proxy-url without scheme',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'localhost:1' } }) },
    kubectl: /unsupported scheme/,
    ours: /is not supported/,
  },
  {
    name: 'proxy-url of nobody',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'http://localhost:1' } }) },
    kubectl: /proxyconnect tcp/,
    ours: /Cannot reach the API server .*ECONNREFUSED/,
  },
];
