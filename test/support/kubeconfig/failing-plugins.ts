import { type KubeconfigCase, kubeconfig } from './case.ts';
import { exec, GIVES_TOKEN, plugin, V1BETA1 } from './plugins.ts';

export const FAILING_PLUGIN_CASES: readonly KubeconfigCase[] = [
  {
    name: 'an exec plugin that is not installed',
    files: {
      config: kubeconfig({ user: { exec: exec({ command: 'no-such-plugin', installHint: 'brew install it' }) } }),
    },
    kubectl: /executable no-such-plugin not found[\s\S]*brew install it/,
    ours: /cannot find the exec plugin no-such-plugin[\s\S]*brew install it/,
  },
  {
    name: 'an exec plugin that fails',
    files: {
      config: kubeconfig({ user: { exec: exec() } }),
      'plugin.sh': '#!/bin/sh\necho "log in first" >&2\nexit 3\n',
    },
    kubectl: /plugin\.sh failed with exit code 3/,
    ours: /plugin\.sh failed with exit code 3/,
  },
  {
    name: 'an exec plugin that is not executable',
    files: { config: kubeconfig({ user: { exec: exec({ command: './config' }) } }) },
    kubectl: /permission denied/,
    ours: /cannot run the exec plugin .*EACCES/,
  },
  {
    name: 'an exec plugin that requires a terminal',
    files: { config: kubeconfig({ user: { exec: exec({ interactiveMode: 'Always' }) } }), 'plugin.sh': GIVES_TOKEN },
    kubectl: /standard input is not a terminal/,
    ours: /requires a terminal, but standard input is not one/,
  },
  {
    name: 'an invalid credential of an exec plugin',
    files: { config: kubeconfig({ user: { exec: exec() } }), 'plugin.sh': '#!/bin/sh\necho hello\n' },
    kubectl: /decoding stdout/,
    ours: /printed an invalid credential: the document is not an object/,
  },
  {
    name: 'an exec plugin without output',
    files: { config: kubeconfig({ user: { exec: exec() } }), 'plugin.sh': '#!/bin/sh\n' },
    kubectl: /plugin returned version/,
    ours: /printed an invalid credential/,
  },
  {
    name: 'a credential of another kind',
    files: {
      config: kubeconfig({ user: { exec: exec() } }),
      'plugin.sh': `#!/bin/sh\necho '{"apiVersion": "v1", "kind": "Secret"}'\n`,
    },
    kubectl: /decoding stdout/,
    ours: /kind is "Secret", expected ExecCredential/,
  },
  {
    name: 'a credential of another version',
    files: { config: kubeconfig({ user: { exec: exec() } }), 'plugin.sh': plugin('{"token": "a"}', V1BETA1) },
    kubectl: /plugin returned version/,
    ours: /apiVersion is "client.authentication.k8s.io\/v1beta1", expected client.authentication.k8s.io\/v1$/,
  },
  {
    name: 'an empty credential',
    files: { config: kubeconfig({ user: { exec: exec() } }), 'plugin.sh': plugin('{}') },
    kubectl: /didn't return a token or cert\/key pair/,
    ours: /neither a token nor a client certificate/,
  },
  {
    name: 'a client certificate without a key from an exec plugin',
    files: { config: kubeconfig({ user: { exec: exec() } }), 'plugin.sh': plugin('{"clientCertificateData": "a"}') },
    kubectl: /only certificate or key, not both/,
    ours: /a client certificate or a key, but not both/,
  },
  {
    name: 'an invalid expirationTimestamp',
    files: {
      config: kubeconfig({ user: { exec: exec() } }),
      'plugin.sh': plugin('{"token": "a", "expirationTimestamp": "soon"}'),
    },
    kubectl: /decoding stdout/,
    ours: /expirationTimestamp is "soon"/,
  },
  {
    name: 'an exec plugin without a command',
    files: { config: kubeconfig({ user: { exec: exec({ command: '' }) } }) },
    kubectl: /command must be specified/,
    ours: /exec has no command/,
  },
  {
    name: 'an exec plugin without an apiVersion',
    files: { config: kubeconfig({ user: { exec: exec({}, '') } }) },
    kubectl: /apiVersion must be specified/,
    ours: /exec has the apiVersion ""/,
  },
  {
    name: 'an exec plugin with apiVersion v1alpha1',
    files: { config: kubeconfig({ user: { exec: exec({}, 'client.authentication.k8s.io/v1alpha1') } }) },
    kubectl: /invalid apiVersion/,
    ours: /exec has the apiVersion "client.authentication.k8s.io\/v1alpha1", expected/,
  },
  {
    name: 'an exec plugin without interactiveMode',
    files: { config: kubeconfig({ user: { exec: exec({ interactiveMode: '' }) } }) },
    kubectl: /interactiveMode must be specified/,
    ours: /exec has the interactiveMode ""/,
  },
  {
    name: 'an exec plugin with an invalid interactiveMode',
    files: { config: kubeconfig({ user: { exec: exec({ interactiveMode: 'Often' }) } }) },
    kubectl: /invalid interactiveMode/,
    ours: /exec has the interactiveMode "Often"/,
  },
  {
    name: 'an env variable without a name',
    files: { config: kubeconfig({ user: { exec: exec({ env: [{ value: 'a' }] }) } }) },
    kubectl: /env variable name must be specified/,
    ours: /an env variable without a name/,
  },
  {
    name: 'an exec plugin and an auth-provider',
    files: { config: kubeconfig({ user: { exec: exec(), 'auth-provider': { name: 'oidc' } } }) },
    kubectl: /authProvider cannot be provided in combination/,
    ours: /auth-provider and exec cannot be combined/,
  },
];
