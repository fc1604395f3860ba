import { A_TOKEN, type KubeconfigCase, kubeconfig } from './case.ts';

export const IMPERSONATION_CASES: readonly KubeconfigCase[] = [
  {
    name: 'as',
    files: { config: kubeconfig({ user: { ...A_TOKEN, as: 'jürgen' } }) },
    kubectl: { impersonation: [`impersonate-user: ${Buffer.from('jürgen').toString('latin1')}`] },
  },
  {
    name: 'as, with uid, groups and extra',
    files: {
      config: kubeconfig({
        user: {
          ...A_TOKEN,
          as: 'jane',
          'as-uid': '1',
          'as-groups': ['g', 'h, i'],
          'as-user-extra': { 'a.io/b%c ü': ['d', 'e'] },
        },
      }),
    },
    kubectl: {
      impersonation: [
        'impersonate-extra-a.io%2fb%25c%20%c3%bc: d',
        'impersonate-extra-a.io%2fb%25c%20%c3%bc: e',
        'impersonate-group: g',
        'impersonate-group: h, i',
        'impersonate-uid: 1',
        'impersonate-user: jane',
      ],
    },
  },
  {
    name: 'groups without a user',
    files: { config: kubeconfig({ user: { ...A_TOKEN, 'as-groups': ['g'] } }) },
    kubectl: /without impersonating a user/,
    ours: /requires a user to impersonate \(--as\)/,
  },
  {
    name: '--as',
    files: { config: kubeconfig() },
    flags: { as: 'jane', 'as-group': 'g' },
    kubectl: { impersonation: ['impersonate-group: g', 'impersonate-user: jane'] },
  },
  {
    name: '--as overrides as',
    files: { config: kubeconfig({ user: { ...A_TOKEN, as: 'joe', 'as-groups': ['h'] } }) },
    flags: { as: 'jane' },
    kubectl: { impersonation: ['impersonate-group: h', 'impersonate-user: jane'] },
  },
  {
    name: '--as-group without --as',
    files: { config: kubeconfig() },
    flags: { 'as-group': 'g' },
    kubectl: /without impersonating a user/,
    ours: /requires a user to impersonate \(--as\)/,
  },
];
