import { BY_CA, type KubeconfigCase, kubeconfig } from './case.ts';
import { CONNECT, FAR, NEAR_PROXY, OF_FAR } from './proxies.ts';

export const PROXY_URL_CASES: readonly KubeconfigCase[] = [
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
    name: 'proxy-url for an IPv6 address',
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
    name: 'proxy-url for an HTTP server',
    files: { config: kubeconfig({ cluster: { server: 'http://api.test:$HTTP_PORT', 'proxy-url': NEAR_PROXY } }) },
    kubectl: { scheme: 'http', host: 'api.test:http', sni: undefined, authorization: undefined, proxy: 'GET' },
  },
  {
    name: 'proxy-url with a SOCKS proxy',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'socks5://localhost:$SOCKS_PORT' } }) },
    kubectl: { ...OF_FAR, proxy: 'SOCKS api.test:https' },
  },
  {
    name: 'proxy-url with a SOCKS proxy, for an HTTP server',
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
    name: 'proxy-url with an HTTPS proxy',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'https://me:pw@localhost:$HTTPS_PORT' } }) },
    kubectl: { ...OF_FAR, proxy: `${CONNECT} Basic ${btoa('me:pw')}` },
  },
  {
    name: 'proxy-url with an untrusted HTTPS proxy',
    files: {
      config: kubeconfig({
        cluster: { ...FAR, 'certificate-authority-data': '$OTHER_CA', 'proxy-url': 'https://localhost:$HTTPS_PORT' },
      }),
    },
    kubectl: /certificate signed by unknown authority/,
    ours: /through the proxy https:\/\/localhost:\d+: .*certificate/,
  },
  {
    name: 'proxy-url with a SOCKS proxy and credentials',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'socks5://me:p%40w@localhost:$SOCKS_PORT' } }) },
    kubectl: { ...OF_FAR, proxy: 'SOCKS api.test:https me:p@w' },
  },
  {
    name: 'proxy-url with a SOCKS proxy without a port',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'socks5://127.0.0.77' } }) },
    kubectl: /127\.0\.0\.77:1080: connect: connection refused/,
    ours: /ECONNREFUSED 127\.0\.0\.77:1080/,
  },
  {
    name: 'proxy-url without a port',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'http://127.0.0.77' } }) },
    kubectl: /127\.0\.0\.77:80: connect: connection refused/,
    ours: /ECONNREFUSED 127\.0\.0\.77:80/,
  },
  {
    name: 'proxy-url with an HTTPS proxy without a port',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'https://127.0.0.77' } }) },
    kubectl: /127\.0\.0\.77:443: connect: connection refused/,
    ours: /ECONNREFUSED 127\.0\.0\.77:443/,
  },
  {
    name: 'an invalid proxy-url',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'http://me:pw@[' } }) },
    kubectl: /could not parse/,
    ours: /the proxy in proxy-url is not supported/,
  },
  {
    name: 'proxy-url with an IPv6 address',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'http://[::1]:$PROXY_PORT' } }) },
    kubectl: { ...OF_FAR, proxy: CONNECT },
  },
  {
    name: 'proxy-url with a SOCKS proxy, for an IP address',
    files: {
      config: kubeconfig({
        cluster: {
          ...BY_CA,
          server: 'https://127.0.0.1:$HTTPS_PORT',
          'proxy-url': 'socks5://127.0.0.1:$SOCKS_PORT',
        },
      }),
    },
    kubectl: { host: '127.0.0.1:https', sni: undefined, proxy: 'SOCKS 127.0.0.1:https' },
  },
  {
    name: 'proxy-url with an unsupported scheme',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'ftp://localhost:1' } }) },
    kubectl: /unsupported scheme "ftp"/,
    ours: /in proxy-url is not supported; use http:\/\/, https:\/\/ or socks5:\/\//,
  },
  {
    name: 'proxy-url without a scheme',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'localhost:1' } }) },
    kubectl: /unsupported scheme/,
    ours: /in proxy-url is not supported; use http:\/\/, https:\/\/ or socks5:\/\//,
  },
  {
    name: 'proxy-url with a closed port',
    files: { config: kubeconfig({ cluster: { ...FAR, 'proxy-url': 'http://localhost:1' } }) },
    kubectl: /proxyconnect tcp/,
    ours: /Cannot reach the API server at .* through the proxy http:\/\/localhost:1: .*ECONNREFUSED/,
  },
];
