import { ASKS, type KubeconfigCase, kubeconfig, NO_CREDENTIALS } from './case.ts';

const AT_FILES = { 'client.crt': '$CERT_PEM', 'client.key': '$KEY_PEM' };

export const USER_CASES: readonly KubeconfigCase[] = [
  {
    name: 'a client certificate as data',
    files: { config: kubeconfig({ user: { 'client-certificate-data': '$CERT', 'client-key-data': '$KEY' } }) },
    kubectl: { authorization: undefined, certificate: 'jane' },
  },
  {
    name: 'a client certificate as a file',
    files: {
      config: kubeconfig({ user: { 'client-certificate': 'client.crt', 'client-key': './client.key' } }),
      ...AT_FILES,
    },
    kubectl: { authorization: undefined, certificate: 'jane' },
  },
  {
    name: 'a client certificate by both',
    files: {
      config: kubeconfig({ user: { 'client-certificate-data': '$CERT', 'client-key': '$DIR/client.key' } }),
      ...AT_FILES,
    },
    kubectl: { authorization: undefined, certificate: 'jane' },
  },
  {
    name: 'a client certificate and a token',
    files: {
      config: kubeconfig({ user: { 'client-certificate-data': '$CERT', 'client-key-data': '$KEY', token: 'a-token' } }),
    },
    kubectl: { certificate: 'jane' },
  },
  {
    name: 'a client certificate twice',
    files: {
      config: kubeconfig({
        user: { 'client-certificate-data': '$CERT', 'client-certificate': 'client.crt', 'client-key-data': '$KEY' },
      }),
      ...AT_FILES,
    },
    kubectl: /are both specified/,
    ours: /client-certificate and client-certificate-data are both set/,
  },
  {
    name: 'a client key twice',
    files: {
      config: kubeconfig({
        user: { 'client-certificate-data': '$CERT', 'client-key': 'client.key', 'client-key-data': '$KEY' },
      }),
      ...AT_FILES,
    },
    kubectl: /are both specified/,
    ours: /client-key and client-key-data are both set/,
  },
  {
    name: 'a client certificate without a key',
    files: { config: kubeconfig({ user: { 'client-certificate-data': '$CERT' } }) },
    kubectl: /client-key-data or client-key must be specified/,
    ours: /client-key or client-key-data is required/,
  },
  {
    name: 'a client certificate file that does not exist',
    files: { config: kubeconfig({ user: { 'client-certificate': 'none', 'client-key-data': '$KEY' } }) },
    kubectl: /unable to read client-cert/,
    ours: /cannot read client-certificate: ENOENT/,
  },
  {
    name: 'a client key file that does not exist',
    files: { config: kubeconfig({ user: { 'client-certificate-data': '$CERT', 'client-key': 'none' } }) },
    kubectl: /unable to read client-key/,
    ours: /cannot read client-key: ENOENT/,
  },
  {
    name: 'a client certificate with another key',
    files: { config: kubeconfig({ user: { 'client-certificate-data': '$CERT', 'client-key-data': '$OTHER_KEY' } }) },
    kubectl: /private key does not match public key/,
    ours: /key values mismatch/,
  },
  {
    name: 'a token with a trailing newline',
    files: { config: kubeconfig({ user: { token: 'a-token\n' } }) },
    kubectl: /invalid header field value/,
    ours: /Invalid character in header content/,
  },
  {
    name: 'a token file',
    files: { config: kubeconfig({ user: { tokenFile: 'token' } }), token: ' of-a-file\n' },
    kubectl: { authorization: 'Bearer of-a-file' },
  },
  {
    name: 'a token and a token file',
    files: { config: kubeconfig({ user: { token: 'a-token', tokenFile: 'token' } }), token: 'of-a-file' },
    kubectl: { authorization: 'Bearer of-a-file' },
  },
  {
    name: 'a token, and a token file that does not exist',
    files: { config: kubeconfig({ user: { token: 'a-token', tokenFile: 'none' } }) },
    kubectl: {},
  },
  {
    name: 'a token file that does not exist',
    files: { config: kubeconfig({ user: { tokenFile: 'none' } }) },
    kubectl: /no such file/,
    ours: /Cannot get credentials .*ENOENT/,
  },
  {
    name: 'an empty token file',
    files: { config: kubeconfig({ user: { tokenFile: 'token' } }), token: '\n' },
    kubectl: /invalid header|empty token/,
    ours: /the token file .* is empty/,
  },
  {
    name: 'basic authentication',
    files: { config: kubeconfig({ user: { username: 'jürgen', password: 'p:w' } }) },
    kubectl: { authorization: `Basic ${Buffer.from('jürgen:p:w').toString('base64')}` },
  },
  {
    name: 'a password without a username',
    files: { config: kubeconfig({ user: { password: 'pw' } }) },
    kubectl: ASKS,
    ours: NO_CREDENTIALS,
  },
  {
    name: 'basic authentication and a token',
    files: { config: kubeconfig({ user: { username: 'me', password: 'pw', token: 'a' } }) },
    kubectl: /more than one authentication method/,
    ours: /a token and a username or password cannot be combined/,
  },
  {
    name: 'basic authentication and a token file',
    files: { config: kubeconfig({ user: { username: 'me', password: 'pw', tokenFile: 'token' } }), token: 'a' },
    kubectl: /may be set, but not both/,
    ours: /a token and a username or password cannot be combined/,
  },
  {
    name: 'an auth-provider',
    files: {
      config: kubeconfig({
        user: {
          'auth-provider': {
            name: 'oidc',
            config: { 'id-token': 'a', 'idp-issuer-url': 'https://localhost', 'client-id': 'a' },
          },
        },
      }),
    },
    kubectl: /./,
    ours: /the auth-provider "oidc" is not supported; use an exec plugin/,
  },
  {
    name: 'an auth-provider that Kubernetes has removed',
    files: { config: kubeconfig({ user: { 'auth-provider': { name: 'gcp' } } }) },
    kubectl: /auth plugin has been removed/,
    ours: /the auth-provider "gcp" is not supported/,
  },
];
