import { describe, expect, test } from 'vitest';
import type { MissingRight } from '../../src/kubernetes/access.ts';
import { grantCommands, rightsInWords } from '../../src/kubernetes/grants.ts';

/** `verb resource.group/subresource` for each of several. */
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
      words: 'list pods, services and poddisruptionbudgets.policy in all namespaces',
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
      words: 'list, get and patch pods and services in all namespaces',
    },
    {
      rights: missing(undefined, 'list pods', 'patch services', 'list namespaces'),
      words: 'list pods in all namespaces, nor to patch services in all namespaces, nor to list namespaces',
    },
    { rights: missing('a', 'create pods/portforward'), words: 'create pods/portforward in the namespace a' },
    {
      rights: [...missing('a', 'list pods'), ...missing('b', 'list pods'), ...missing('c', 'list pods')],
      words: 'list pods in the namespaces a, b and c',
    },
    {
      rights: [
        ...missing('a', 'list pods', 'get pods'),
        ...missing('b', 'list pods'),
        ...missing(undefined, 'list namespaces'),
      ],
      words: 'list and get pods in the namespace a, nor to list pods in the namespace b, nor to list namespaces',
    },
  ])('says: $words', ({ rights, words }) => {
    expect(rightsInWords(rights)).toBe(words);
  });
});

describe('grantCommands()', () => {
  test('makes a role and its binding', () => {
    expect(
      grantCommands('audit', missing(undefined, 'list pods', 'list networkpolicies.networking.k8s.io'), 'jane'),
    ).toEqual([
      'kubectl create clusterrole gateway-name-webhook-audit-10b153 --verb=list --resource=pods,networkpolicies.networking.k8s.io',
      'kubectl create clusterrolebinding gateway-name-webhook-audit-10b153-jane --clusterrole=gateway-name-webhook-audit-10b153 --user=jane',
    ]);
  });

  test('makes them in each namespace, for the ServiceAccount that asks', () => {
    const rights = [...missing('a', 'list pods'), ...missing('b', 'list pods')];
    expect(grantCommands('backfill', rights, 'system:serviceaccount:jobs:heal')).toEqual([
      'kubectl create role -n a gateway-name-webhook-backfill-022ca7 --verb=list --resource=pods',
      'kubectl create rolebinding -n a gateway-name-webhook-backfill-022ca7-jobs:heal --role=gateway-name-webhook-backfill-022ca7 --serviceaccount=jobs:heal',
      'kubectl create role -n b gateway-name-webhook-backfill-022ca7 --verb=list --resource=pods',
      'kubectl create rolebinding -n b gateway-name-webhook-backfill-022ca7-jobs:heal --role=gateway-name-webhook-backfill-022ca7 --serviceaccount=jobs:heal',
    ]);
  });

  test('makes several, so that no verb is granted for what needs it not', () => {
    const rights = missing(
      undefined,
      'list pods',
      'patch pods',
      'list services',
      'create pods/portforward',
      'list namespaces',
    );
    const roles = grantCommands('audit', rights, 'jane').filter((command) => command.includes('--verb'));
    expect(roles.map((role) => role.replace(/^.* --verb/, '--verb'))).toEqual([
      '--verb=list,patch --resource=pods',
      '--verb=list --resource=services,namespaces',
      '--verb=create --resource=pods/portforward',
    ]);
  });

  test('gives the same name only to the same role', () => {
    const nameOf = (...rights: string[]) =>
      grantCommands('audit', missing(undefined, ...rights), 'jane')[0]?.split(' ')[3];
    expect(nameOf('list pods')).toBe(nameOf('list pods'));
    expect(new Set([nameOf('list pods'), nameOf('get pods'), nameOf('list services')]).size).toBe(3);
  });

  test.for([
    { username: 'jane@example.com', binding: 'jane@example.com', flag: '--user=jane@example.com' },
    { username: 'system:node:a', binding: 'system:node:a', flag: '--user=system:node:a' },
    {
      username: 'https://id.example#jane',
      binding: 'https:--id.example-jane',
      flag: "'--user=https://id.example#jane'",
    },
    { username: "O'Hara; rm $x", binding: 'O-Hara--rm--x', flag: String.raw`'--user=O'\''Hara; rm $x'` },
    { username: 'system:serviceaccount:a', binding: 'system:serviceaccount:a', flag: '--user=system:serviceaccount:a' },
  ])('names $username so that a shell and the API server take it', ({ username, binding, flag }) => {
    const command = grantCommands('audit', missing(undefined, 'list pods'), username)[1];
    expect(command).toMatch(/^kubectl create clusterrolebinding gateway-name-webhook-audit-\w{6}-/);
    expect(
      command
        ?.replace(/^kubectl create clusterrolebinding gateway-name-webhook-audit-\w{6}-/, '')
        .split(' --clusterrole')[0],
    ).toBe(binding);
    expect(command?.endsWith(` ${flag}`)).toBe(true);
  });
});
