import { ASKS, BY_CA, type KubeconfigCase, kubeconfig } from './case.ts';

export const SERVER_CASES: readonly KubeconfigCase[] = [
  {
    name: 'a CA file',
    files: {
      'd/config': kubeconfig({ cluster: { server: '$HTTPS', 'certificate-authority': 'ca.crt' } }),
      'd/ca.crt': '$CA_PEM',
    },
    env: { KUBECONFIG: '$DIR/d/config' },
    kubectl: {},
  },
  {
    name: 'a CA file in a parent directory',
    files: {
      'd/config': kubeconfig({ cluster: { server: '$HTTPS', 'certificate-authority': '../ca.crt' } }),
      'ca.crt': '$CA_PEM',
    },
    env: { KUBECONFIG: '$DIR/d/config' },
    kubectl: {},
  },
  {
    name: 'a CA file that does not exist',
    files: { config: kubeconfig({ cluster: { server: '$HTTPS', 'certificate-authority': 'none' } }) },
    kubectl: /unable to read certificate-authority/,
    ours: /cannot read certificate-authority: ENOENT/,
  },
  {
    name: 'an empty CA file',
    files: { config: kubeconfig({ cluster: { server: '$HTTPS', 'certificate-authority': 'ca.crt' } }), 'ca.crt': '' },
    kubectl: /certificate/,
    ours: /certificate-authority contains no certificate/,
  },
  {
    name: 'a CA that is not a certificate',
    files: { config: kubeconfig({ cluster: { server: '$HTTPS', 'certificate-authority-data': 'YQ==' } }) },
    kubectl: /unable to load root certificates/,
    ours: /certificate-authority-data contains no certificate/,
  },
  {
    name: 'a CA as data and as a file',
    files: { config: kubeconfig({ cluster: { ...BY_CA, 'certificate-authority': 'ca.crt' } }), 'ca.crt': '$CA_PEM' },
    kubectl: /are both specified/,
    ours: /are both set/,
  },
  {
    name: 'no CA',
    files: { config: kubeconfig({ cluster: { server: '$HTTPS' } }) },
    kubectl: /certificate signed by unknown authority/,
    ours: /certificate/,
  },
  {
    name: 'an unrelated CA',
    files: { config: kubeconfig({ cluster: { server: '$HTTPS', 'certificate-authority-data': '$OTHER_CA' } }) },
    kubectl: /certificate signed by unknown authority/,
    ours: /certificate/,
  },
  {
    name: 'insecure-skip-tls-verify',
    files: { config: kubeconfig({ cluster: { server: '$HTTPS', 'insecure-skip-tls-verify': true } }) },
    kubectl: {},
  },
  {
    name: 'insecure-skip-tls-verify with a CA',
    files: { config: kubeconfig({ cluster: { ...BY_CA, 'insecure-skip-tls-verify': true } }) },
    kubectl: /with the insecure flag is not allowed/,
    ours: /insecure-skip-tls-verify and a certificate authority cannot be combined/,
  },
  {
    name: 'tls-server-name',
    files: { config: kubeconfig({ cluster: { ...BY_CA, 'tls-server-name': 'other.test' } }) },
    kubectl: { sni: 'other.test' },
  },
  {
    name: 'tls-server-name for an IP address',
    files: {
      config: kubeconfig({
        cluster: { ...BY_CA, server: 'https://127.0.0.1:$HTTPS_PORT', 'tls-server-name': 'other.test' },
      }),
    },
    kubectl: { host: '127.0.0.1:https', sni: 'other.test' },
  },
  {
    name: 'tls-server-name that the certificate does not have',
    files: { config: kubeconfig({ cluster: { ...BY_CA, 'tls-server-name': 'wrong.test' } }) },
    kubectl: /certificate is valid for/,
    ours: /altnames|does not match/,
  },
  {
    name: 'IPv4',
    files: { config: kubeconfig({ cluster: { ...BY_CA, server: 'https://127.0.0.1:$HTTPS_PORT' } }) },
    kubectl: { host: '127.0.0.1:https', sni: undefined },
  },
  {
    name: 'IPv6',
    files: { config: kubeconfig({ cluster: { ...BY_CA, server: 'https://[::1]:$HTTPS_PORT' } }) },
    kubectl: { host: '[::1]:https', sni: undefined },
  },
  {
    name: 'a trailing slash',
    files: { config: kubeconfig({ cluster: { ...BY_CA, server: '$HTTPS/' } }) },
    kubectl: {},
  },
  {
    name: 'a path',
    files: { config: kubeconfig({ cluster: { ...BY_CA, server: '$HTTPS/k8s/clusters/c-1' } }) },
    kubectl: { path: '/k8s/clusters/c-1/api/v1/namespaces/default/serviceaccounts' },
  },
  {
    name: 'a path with several slashes',
    files: { config: kubeconfig({ cluster: { ...BY_CA, server: '$HTTPS//k8s//c/?a=b#c' } }) },
    kubectl: { path: '/k8s/c/api/v1/namespaces/default/serviceaccounts' },
  },
  {
    name: 'credentials in the URL',
    files: { config: kubeconfig({ cluster: { ...BY_CA, server: 'https://me:pw@localhost:$HTTPS_PORT' }, user: {} }) },
    kubectl: ASKS,
    ours: /the server localhost:\d+ has a username in its URL; set it in the user entry instead/,
  },
  {
    name: 'a token, and credentials in the URL',
    files: { config: kubeconfig({ cluster: { ...BY_CA, server: 'https://me:pw@localhost:$HTTPS_PORT' } }) },
    kubectl: { authorization: 'Basic bWU6cHc=' },
    ours: /has a username in its URL/,
  },
  {
    name: 'HTTP',
    files: { config: kubeconfig({ cluster: { server: '$HTTP' }, context: { user: '' } }) },
    kubectl: { scheme: 'http', host: 'localhost:http', sni: undefined, authorization: undefined },
  },
  {
    name: 'HTTP with a token',
    files: { config: kubeconfig({ cluster: { server: '$HTTP' } }) },
    kubectl: { scheme: 'http', host: 'localhost:http', sni: undefined, authorization: undefined },
  },
  {
    name: 'HTTP with impersonation',
    files: { config: kubeconfig({ cluster: { server: '$HTTP' }, user: { token: 'a', as: 'jane' } }) },
    kubectl: {
      scheme: 'http',
      host: 'localhost:http',
      sni: undefined,
      authorization: undefined,
      impersonation: ['impersonate-user: jane'],
    },
  },
  {
    name: 'a server without a scheme',
    files: { config: kubeconfig({ cluster: { server: 'localhost:$HTTP_PORT', 'certificate-authority-data': '$CA' } }) },
    kubectl: { scheme: 'http', host: 'localhost:http', sni: undefined, authorization: undefined },
  },
  {
    name: 'a scheme in upper case',
    files: { config: kubeconfig({ cluster: { ...BY_CA, server: 'HTTPS://LOCALHOST:$HTTPS_PORT' } }) },
    kubectl: { host: 'LOCALHOST:https', sni: 'LOCALHOST' },
    ours: {},
  },
  {
    name: 'an unsupported scheme',
    files: { config: kubeconfig({ cluster: { ...BY_CA, server: 'ftp://localhost:1' } }) },
    kubectl: /ftp|unsupported protocol scheme/,
    ours: /the server is "ftp:\/\/localhost:1", expected a URL/,
  },
  {
    name: "the system's CAs",
    files: { config: kubeconfig({ cluster: { server: '$HTTPS' } }), 'ca.crt': '$CA_PEM' },
    env: { SSL_CERT_FILE: '$DIR/ca.crt' },
    ofProcess: true,
    kubectl: {},
  },
];
