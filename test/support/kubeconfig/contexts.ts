import { ASKS, type KubeconfigCase, kubeconfig, NO_CREDENTIALS } from './case.ts';

export const CONTEXT_CASES: readonly KubeconfigCase[] = [
  {
    name: 'a namespace',
    files: { config: kubeconfig({ context: { namespace: 'n' } }) },
    kubectl: { path: '/api/v1/namespaces/n/serviceaccounts' },
  },
  { name: 'no user', files: { config: kubeconfig({ context: { user: '' } }) }, kubectl: ASKS, ours: NO_CREDENTIALS },
  {
    name: 'a user that does not exist',
    files: { config: kubeconfig({ context: { user: 'none' } }) },
    kubectl: ASKS,
    ours: NO_CREDENTIALS,
  },
  {
    name: 'a cluster that does not exist',
    files: { config: kubeconfig({ context: { cluster: 'none' } }) },
    kubectl: /localhost:8080|\[::1\]:8080/,
    ours: /no cluster "none", which the context "x" names/,
  },
  {
    name: 'a cluster without a server',
    files: { config: kubeconfig({ cluster: {} }) },
    kubectl: /localhost:8080|\[::1\]:8080/,
    ours: /no server for the cluster "c"/,
  },
  {
    name: 'no current context',
    files: { config: kubeconfig({ more: { 'current-context': '' } }) },
    kubectl: /localhost:8080|\[::1\]:8080/,
    ours: /no current-context; choose a context with --context: "x"/,
  },
  {
    name: 'a current context that does not exist',
    files: { config: kubeconfig({ more: { 'current-context': 'none' } }) },
    kubectl: /context was not found for specified context: none/,
    ours: /no context "none", its current-context; it has "x"/,
  },
  {
    name: 'a current context without contexts',
    files: { config: { 'current-context': 'none' } },
    kubectl: /context was not found for specified context: none/,
    ours: /no context "none", its current-context; it has none/,
  },
  {
    name: 'an empty kubeconfig',
    files: { config: '' },
    kubectl: /localhost:8080/,
    ours: /No cluster found: the kubeconfig has no contexts/,
  },
  {
    name: '--context that does not exist',
    files: { config: kubeconfig() },
    flags: { context: 'none' },
    kubectl: /context was not found for specified context: none/,
    ours: /no context "none".*it has "x"/,
  },
];
