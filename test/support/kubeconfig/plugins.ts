import { A_TOKEN, BY_CA, type KubeconfigCase, kubeconfig } from './case.ts';

export const V1 = 'client.authentication.k8s.io/v1';
export const V1BETA1 = 'client.authentication.k8s.io/v1beta1';

/** A shell script that prints a credential. */
export function plugin(status: string, apiVersion = V1, before = ''): string {
  return `#!/bin/sh\n${before}\nprintf '%s' '{"apiVersion": "${apiVersion}", "kind": "ExecCredential", "status": ${status}}'\n`;
}

export function exec(more: object = {}, apiVersion = V1): object {
  return { apiVersion, command: './plugin.sh', interactiveMode: 'Never', ...more };
}

/** A plugin that returns its input, KUBERNETES_EXEC_INFO, as the token. */
export const RETURNS_INPUT = `#!/bin/sh
token=info.$(printf '%s' "$KUBERNETES_EXEC_INFO" | base64 -w0)
printf '%s' "{\\"apiVersion\\": \\"$1\\", \\"kind\\": \\"ExecCredential\\", \\"status\\": {\\"token\\": \\"$token\\"}}"
`;
const OF_PLUGIN = { authorization: 'Bearer of-a-plugin' };
export const GIVES_TOKEN = plugin('{"token": "of-a-plugin"}');

export const PLUGIN_CASES: readonly KubeconfigCase[] = [
  {
    name: 'an exec plugin',
    files: { config: kubeconfig({ user: { exec: exec() } }), 'plugin.sh': GIVES_TOKEN },
    kubectl: OF_PLUGIN,
  },
  {
    name: 'an exec plugin with apiVersion v1beta1',
    files: {
      config: kubeconfig({ user: { exec: { apiVersion: V1BETA1, command: '$DIR/plugin.sh' } } }),
      'plugin.sh': plugin('{"token": "of-a-plugin"}', V1BETA1),
    },
    kubectl: OF_PLUGIN,
  },
  {
    name: 'an exec plugin in the PATH',
    files: {
      config: kubeconfig({ user: { exec: exec({ command: 'plugin.sh' }) } }),
      'bin/plugin.sh': GIVES_TOKEN,
      'plugin.sh': plugin('{"token": "wrong"}'),
    },
    env: { PATH: '$DIR/bin:/usr/bin:/bin' },
    kubectl: OF_PLUGIN,
  },
  {
    name: 'an exec plugin relative to the kubeconfig',
    files: {
      'd/config': kubeconfig({ user: { exec: exec({ command: 'bin/plugin.sh' }) } }),
      'd/bin/plugin.sh': GIVES_TOKEN,
    },
    env: { KUBECONFIG: '$DIR/d/config' },
    kubectl: OF_PLUGIN,
  },
  {
    name: 'args and env of an exec plugin',
    files: {
      config: kubeconfig({ user: { exec: exec({ args: ['of', 'a b'], env: [{ name: 'V', value: 'plugin' }] }) } }),
      'plugin.sh': `#!/bin/sh\nprintf '%s' "{\\"apiVersion\\": \\"${V1}\\", \\"kind\\": \\"ExecCredential\\", \\"status\\": {\\"token\\": \\"$#-$1-$2-$V-$OURS\\"}}"\n`,
    },
    env: { OURS: 'ours' },
    kubectl: { authorization: 'Bearer 2-of-a b-plugin-ours' },
  },
  {
    name: 'the input of an exec plugin',
    files: { config: kubeconfig({ user: { exec: exec({ args: [V1] }) } }), 'plugin.sh': RETURNS_INPUT },
    kubectl: {
      authorization: `Bearer info {"apiVersion":"${V1}","kind":"ExecCredential","spec":{"interactive":false}}`,
    },
  },
  {
    name: 'the input of an exec plugin with provideClusterInfo',
    files: {
      config: kubeconfig({
        cluster: {
          ...BY_CA,
          server: '$HTTPS/k/',
          extensions: [
            { name: 'other', extension: 1 },
            { name: 'client.authentication.k8s.io/exec', extension: { audience: 'a' } },
          ],
        },
        user: { exec: exec({ args: [V1BETA1], provideClusterInfo: true, interactiveMode: 'IfAvailable' }, V1BETA1) },
      }),
      'plugin.sh': RETURNS_INPUT,
    },
    kubectl: {
      path: '/k/api/v1/namespaces/default/serviceaccounts',
      authorization: `Bearer info {"apiVersion":"${V1BETA1}","kind":"ExecCredential","spec":{"cluster":{"certificate-authority-data":"$CA","config":{"audience":"a"},"server":"$HTTPS/k/"},"interactive":false}}`,
    },
  },
  {
    name: 'the input of an exec plugin for a cluster with every other field',
    files: {
      config: kubeconfig({
        cluster: {
          server: '$HTTPS',
          'insecure-skip-tls-verify': true,
          'tls-server-name': 'other.test',
          'disable-compression': true,
          'proxy-url': 'http://localhost:$PROXY_PORT',
        },
        user: { exec: exec({ args: [V1], provideClusterInfo: true }) },
      }),
      'plugin.sh': RETURNS_INPUT,
    },
    kubectl: {
      sni: 'other.test',
      proxy: 'CONNECT localhost:https',
      authorization: `Bearer info {"apiVersion":"${V1}","kind":"ExecCredential","spec":{"cluster":{"config":null,"disable-compression":true,"insecure-skip-tls-verify":true,"proxy-url":"http://localhost:$PROXY_PORT","server":"$HTTPS","tls-server-name":"other.test"},"interactive":false}}`,
    },
  },
  {
    name: 'a client certificate from an exec plugin',
    files: {
      config: kubeconfig({ user: { exec: exec() } }),
      'plugin.sh': plugin('{"clientCertificateData": "$CERT_JSON", "clientKeyData": "$KEY_JSON"}'),
    },
    kubectl: { authorization: undefined, certificate: 'jane' },
  },
  {
    name: 'a token and a client certificate from an exec plugin',
    files: {
      config: kubeconfig({ user: { exec: exec() } }),
      'plugin.sh': plugin(
        '{"token": "of-a-plugin", "clientCertificateData": "$CERT_JSON", "clientKeyData": "$KEY_JSON"}',
      ),
    },
    kubectl: { ...OF_PLUGIN, certificate: 'jane' },
  },
  {
    name: 'a token overrides an exec plugin',
    files: { config: kubeconfig({ user: { ...A_TOKEN, exec: exec() } }), 'plugin.sh': GIVES_TOKEN },
    kubectl: {},
  },
  {
    name: 'a client certificate overrides an exec plugin',
    files: {
      config: kubeconfig({ user: { 'client-certificate-data': '$CERT', 'client-key-data': '$KEY', exec: exec() } }),
      'plugin.sh': GIVES_TOKEN,
    },
    kubectl: { authorization: undefined, certificate: 'jane' },
  },
  {
    name: 'basic authentication overrides an exec plugin',
    files: { config: kubeconfig({ user: { username: 'me', password: 'pw', exec: exec() } }), 'plugin.sh': GIVES_TOKEN },
    kubectl: { authorization: `Basic ${btoa('me:pw')}` },
  },
  {
    name: 'an exec plugin with an HTTP server is not run',
    files: {
      config: kubeconfig({ cluster: { server: '$HTTP' }, user: { exec: exec() } }),
      'plugin.sh': '#!/bin/sh\nexit 1\n',
    },
    kubectl: { scheme: 'http', host: 'localhost:http', sni: undefined, authorization: undefined },
  },
  {
    name: 'an exec plugin with impersonation',
    files: { config: kubeconfig({ user: { as: 'jane', exec: exec() } }), 'plugin.sh': GIVES_TOKEN },
    kubectl: { ...OF_PLUGIN, impersonation: ['impersonate-user: jane'] },
  },
  {
    name: 'a credential that has expired is used anyway',
    files: {
      config: kubeconfig({ user: { exec: exec() } }),
      'plugin.sh': plugin('{"token": "of-a-plugin", "expirationTimestamp": "2020-01-01T00:00:00Z"}'),
    },
    kubectl: OF_PLUGIN,
  },
];
