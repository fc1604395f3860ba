import { describe, expect, test } from 'vitest';
import { grantCommands, rightsInWords } from '../../src/kubernetes/grants.ts';
import type { MissingRight } from '../../src/objects/right.ts';

/** Missing permissions from texts such as `verb resource.group/subresource`. */
function missing(namespace: string | undefined, ...rights: readonly string[]): MissingRight[] {
  return rights.map((text) => {
    const [, verb = '', resource = '', group = '', subresource] =
      /^(\w+) (\w+)(?:\.([\w.]+))?(?:\/(\w+))?$/.exec(text) ?? [];
    const namespaced = resource !== 'namespaces';
    return { verb, group, resource, ...(subresource && { subresource }), namespaced, namespace };
  });
}

describe('rightsInWords()', () => {
  test.for([
    { rights: missing(undefined, 'list pods'), words: 'list pods in all namespaces' },
    { rights: missing(undefined, 'list namespaces'), words: 'list namespaces' },
    {
      rights: missing(undefined, 'list pods', 'list services', 'list poddisruptionbudgets.policy'),
      words: 'list pods, services, and poddisruptionbudgets.policy in all namespaces',
    },
    {
      rights: missing(
        undefined,
        'list pods',
        'get pods',
        'patch pods',
        'list services',
        'get services',
        'patch services',
      ),
      words: 'list, get, and patch pods and services in all namespaces',
    },
    {
      rights: missing(undefined, 'list pods', 'patch services', 'list namespaces'),
      words: 'list pods in all namespaces, or to patch services in all namespaces, or to list namespaces',
    },
    { rights: missing('a', 'create pods/portforward'), words: 'create pods/portforward in the namespace a' },
    {
      rights: [...missing('a', 'list pods'), ...missing('b', 'list pods'), ...missing('c', 'list pods')],
      words: 'list pods in the namespaces a, b, and c',
    },
    {
      rights: [
        ...missing('a', 'list pods', 'get pods'),
        ...missing('b', 'list pods'),
        ...missing(undefined, 'list namespaces'),
      ],
      words: 'list and get pods in the namespace a, or to list pods in the namespace b, or to list namespaces',
    },
  ])('returns: $words', ({ rights, words }) => {
    expect(rightsInWords(rights)).toBe(words);
  });
});

describe('grantCommands()', () => {
  test('creates a role and its binding', () => {
    const name = 'gateway-name-webhook-audit-jane-c8a3a1';
    expect(
      grantCommands('audit', missing(undefined, 'list pods', 'list networkpolicies.networking.k8s.io'), 'jane'),
    ).toEqual([
      `kubectl create clusterrole ${name} --verb=list --resource=pods,networkpolicies.networking.k8s.io`,
      `kubectl create clusterrolebinding ${name} --clusterrole=${name} --user=jane`,
    ]);
  });

  test('creates them in each namespace, for the ServiceAccount that is missing permissions', () => {
    const rights = [...missing('a', 'list pods'), ...missing('b', 'list pods')];
    const name = 'gateway-name-webhook-backfill-jobs:heal-46537b';
    expect(grantCommands('backfill', rights, 'system:serviceaccount:jobs:heal')).toEqual([
      `kubectl create role -n a ${name} --verb=list --resource=pods`,
      `kubectl create rolebinding -n a ${name} --role=${name} --serviceaccount=jobs:heal`,
      `kubectl create role -n b ${name} --verb=list --resource=pods`,
      `kubectl create rolebinding -n b ${name} --role=${name} --serviceaccount=jobs:heal`,
    ]);
  });

  test('creates several rules, so that no verb is granted for other resources', () => {
    const rights = ['list pods', 'patch pods', 'list services', 'create pods/portforward', 'list namespaces'];
    const roles = grantCommands('audit', missing(undefined, ...rights), 'jane').filter((text) =>
      text.includes('--verb'),
    );
    expect(roles.map((role) => role.replace(/^.* --verb/, '--verb'))).toEqual([
      '--verb=list,patch --resource=pods',
      '--verb=list --resource=services,namespaces',
      '--verb=create --resource=pods/portforward',
    ]);
  });

  test('uses the same name only for the same permissions of the same user', () => {
    const nameFor = (user: string, right: string) =>
      grantCommands('audit', missing(undefined, right), user)[0]?.match(/gateway-\S+/)?.[0];
    expect(nameFor('jane', 'list pods')).toBe(nameFor('jane', 'list pods'));
    const names = [
      nameFor('jane', 'list pods'),
      nameFor('jane', 'get pods'),
      nameFor('jane', 'list services'),
      nameFor('j ne', 'list pods'),
      nameFor('j-ne', 'list pods'),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  test.for([
    { username: 'jane@example.com', name: 'jane@example.com', flag: '--user=jane@example.com' },
    { username: 'system:node:a', name: 'system:node:a', flag: '--user=system:node:a' },
    { username: 'https://id.example#jane', name: 'https:--id.example-jane', flag: "'--user=https://id.example#jane'" },
    { username: "O'Hara; rm $x", name: 'O-Hara--rm--x', flag: String.raw`'--user=O'\''Hara; rm $x'` },
    { username: 'system:serviceaccount:a', name: 'system:serviceaccount:a', flag: '--user=system:serviceaccount:a' },
  ])('encodes $username for the shell and the API server', ({ username, name, flag }) => {
    const [, command = ''] = grantCommands('audit', missing(undefined, 'list pods'), username);
    const full = command.split(' ')[3] ?? '';
    expect(full.replace(/-\w{6}$/, '')).toBe(`gateway-name-webhook-audit-${name}`);
    expect(command).toBe(`kubectl create clusterrolebinding ${full} --clusterrole=${full} ${flag}`);
  });
});
