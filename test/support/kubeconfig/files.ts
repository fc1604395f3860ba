import { BY_CA, type KubeconfigCase, kubeconfig, type Outcome } from './case.ts';

/** A kubeconfig with unique names and a unique token. */
function named(name: string, more: object = {}): object {
  return {
    clusters: [{ name, cluster: { ...BY_CA, server: `$HTTPS/${name}` } }],
    users: [{ name, user: { token: name } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
    ...more,
  };
}

function arrivalOf(name: string): Outcome {
  return { path: `/${name}/api/v1/namespaces/default/serviceaccounts`, authorization: `Bearer ${name}` };
}

const BOTH = { KUBECONFIG: '$DIR/a:$DIR/b' };

export const FILE_CASES: readonly KubeconfigCase[] = [
  { name: 'one file', files: { config: kubeconfig() }, kubectl: {} },
  {
    name: 'two files with a current context: the first wins',
    files: { a: named('a'), b: named('b') },
    env: BOTH,
    kubectl: arrivalOf('a'),
  },
  {
    name: 'the current context of the second file, if the first has none',
    files: { a: named('a', { 'current-context': '' }), b: named('b') },
    env: BOTH,
    kubectl: arrivalOf('b'),
  },
  {
    name: '--context of the second file',
    files: { a: named('a'), b: named('b') },
    env: BOTH,
    flags: { context: 'b' },
    kubectl: arrivalOf('b'),
  },
  {
    name: 'the same name in two files: the first wins',
    files: { a: named('a'), b: { ...named('a'), users: [{ name: 'a', user: { token: 'second', as: 'somebody' } }] } },
    env: BOTH,
    kubectl: arrivalOf('a'),
  },
  {
    name: 'a context whose cluster is in another file',
    files: { a: named('a', { clusters: [] }), b: named('b', { clusters: [{ name: 'a', cluster: BY_CA }] }) },
    env: BOTH,
    kubectl: { authorization: 'Bearer a' },
  },
  {
    name: 'a file that does not exist',
    files: { b: named('b') },
    env: { KUBECONFIG: '$DIR/none:$DIR/b:$DIR/b' },
    kubectl: arrivalOf('b'),
  },
  { name: 'an empty file', files: { a: '', b: named('b') }, env: BOTH, kubectl: arrivalOf('b') },
  {
    name: 'an empty path in KUBECONFIG',
    files: { b: named('b') },
    env: { KUBECONFIG: ':$DIR/b:' },
    kubectl: arrivalOf('b'),
  },
  { name: 'a file with only comments', files: { a: '# nothing\n', b: named('b') }, env: BOTH, kubectl: arrivalOf('b') },
  {
    name: 'a truncated file',
    files: { a: 'apiVersion: v1\nkind: Config\nclusters:\nusers: null\ncontexts: []\n', b: named('b') },
    env: BOTH,
    kubectl: arrivalOf('b'),
  },
  { name: 'a file without a kind', files: { a: 'clusters: []\n', b: named('b') }, env: BOTH, kubectl: arrivalOf('b') },
  {
    name: 'a broken file',
    files: { a: 'clusters: [\n', b: named('b') },
    env: BOTH,
    kubectl: /error loading config file/,
    ours: /Cannot read the kubeconfig .*\/a: /,
  },
  {
    name: 'a list instead of an object',
    files: { a: '- a\n', b: named('b') },
    env: BOTH,
    kubectl: /error loading config file/,
    ours: /the document is not an object/,
  },
  {
    name: 'another kind',
    files: { config: { apiVersion: 'v1', kind: 'Secret' } },
    kubectl: /error loading config file/,
    ours: /are v1 Secret, expected v1 Config/,
  },
  {
    name: 'another version',
    files: { config: { apiVersion: 'v2', kind: 'Config' } },
    kubectl: /error loading config file/,
    ours: /are v2 Config, expected v1 Config/,
  },
  { name: 'a directory', files: { 'config/a': '' }, kubectl: /is a directory/, ours: /EISDIR/ },
  {
    name: 'a duplicate name in one file',
    files: { config: kubeconfig({ more: { users: [{ name: 'u' }, { name: 'u' }] } }) },
    kubectl: /duplicate name "u"/,
    ours: /duplicate name "u" in users/,
  },
  {
    name: 'a number as a token',
    files: { config: kubeconfig({ user: { token: 1 } }) },
    kubectl: /cannot unmarshal number/,
    ours: /users\[0\]\.user\.token is not a string/,
  },
  {
    name: 'invalid base64',
    files: { config: kubeconfig({ cluster: { ...BY_CA, 'certificate-authority-data': 'a' } }) },
    kubectl: /illegal base64/,
    ours: /certificate-authority-data is not base64/,
  },
  { name: 'a duplicate key', files: { config: 'current-context: none\n$YAML' }, kubectl: {} },
  { name: 'YAML anchors and YAML 1.1 booleans', files: { config: '$YAML' }, kubectl: {} },
  {
    name: 'names that look like a date and a time',
    files: { config: '$NAMES' },
    kubectl: { path: '/api/v1/namespaces/2024-05-01/serviceaccounts' },
  },
  {
    name: 'a string as a boolean',
    files: { config: kubeconfig({ cluster: { ...BY_CA, 'insecure-skip-tls-verify': 'true' } }) },
    kubectl: /cannot unmarshal string/,
    ours: /insecure-skip-tls-verify is not true or false/,
  },
  { name: 'two YAML documents', files: { config: '$YAML---\nkind: Secret\n' }, kubectl: {} },
  { name: '~/.kube/config', files: { '.kube/config': kubeconfig() }, env: { KUBECONFIG: '' }, kubectl: {} },
  {
    name: '--kubeconfig overrides KUBECONFIG',
    files: { config: named('a'), b: named('b') },
    flags: { kubeconfig: '$DIR/b' },
    kubectl: arrivalOf('b'),
  },
  {
    name: '--kubeconfig with a file that does not exist',
    files: { config: kubeconfig() },
    flags: { kubeconfig: '$DIR/none' },
    kubectl: /no such file/,
    ours: /none: no such file/,
  },
  {
    name: 'KUBECONFIG with a file that does not exist',
    files: {},
    kubectl: /localhost:8080|\[::1\]:8080/,
    ours: /No cluster found: none of the files in KUBECONFIG exist/,
  },
  {
    name: 'no KUBECONFIG, and no file in the home directory',
    files: {},
    env: { KUBECONFIG: '' },
    kubectl: /localhost:8080|\[::1\]:8080/,
    ours: /No cluster found.*KUBECONFIG is not set/,
  },
];
