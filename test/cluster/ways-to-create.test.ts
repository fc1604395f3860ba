import { expect } from 'vitest';
import { describeCluster, test } from './cluster-test.ts';
import { kubectl, tryKubectl } from './kubectl.ts';
import { KINDS, type KubernetesObject, OWNER, objectOf, STANDARD, stored } from './objects.ts';

const BOTH = { [OWNER]: 'eg', [STANDARD]: 'eg' };

const COMMANDS = [
  { way: 'kubectl create', args: ['create'] },
  { way: 'kubectl apply', args: ['apply'] },
  { way: 'kubectl apply --server-side', args: ['apply', '--server-side'] },
];

const WAYS = KINDS.flatMap((kind) => COMMANDS.map((command) => ({ kind, ...command })));

describeCluster('for every way to create an object,', () => {
  test.for(WAYS)('a $kind from $way gets the label', async ({ kind, args }, { namespace }) => {
    await kubectl([...args, '-f', '-'], objectOf(kind, { namespace, labels: { [OWNER]: 'eg' } }));

    expect((await stored(kind, namespace)).metadata.labels).toEqual(BOTH);
  });

  test.for(WAYS)(
    'a $kind from $way --dry-run=server shows the label',
    async ({ kind, args }, { namespace, webhook }) => {
      const object = objectOf(kind, { namespace, labels: { [OWNER]: 'eg' } });
      const decisions = await webhook.decisionsDuring(async () => {
        const output = await kubectl([...args, '--dry-run=server', '-o', 'json', '-f', '-'], object);
        expect((JSON.parse(output) as KubernetesObject).metadata.labels).toEqual(BOTH);
      });

      expect(decisions).toEqual({ [`CREATE ${kind} added-standard (dry run)`]: 1 });
      expect(await tryKubectl(['get', kind, 'eg', '-n', namespace])).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining('NotFound'),
      });
    },
  );

  test.for(KINDS)('a %s with generateName gets the label', async (kind, { namespace }) => {
    const object = objectOf(kind, { namespace, generateName: 'eg-', labels: { [OWNER]: 'eg' } });
    const name = await kubectl(['create', '-o', 'jsonpath={.metadata.name}', '-f', '-'], object);

    expect(name).toMatch(/^eg-.{5}$/);
    expect((await stored(kind, namespace, name)).metadata.labels).toEqual(BOTH);
  });

  test('a Pod from kubectl run gets the label', async ({ namespace }) => {
    await kubectl(['run', 'eg', '--image=envoy', `--labels=${STANDARD}=eg`, '-n', namespace]);

    expect((await stored('Pod', namespace)).metadata.labels).toEqual(BOTH);
  });

  test('a Service from PUT gets the label', async ({ namespace }) => {
    const object = objectOf('Service', { namespace, labels: { [OWNER]: 'eg' } });
    await kubectl(['replace', '--raw', `/api/v1/namespaces/${namespace}/services/eg`, '-f', '-'], object);

    expect((await stored('Service', namespace)).metadata.labels).toEqual(BOTH);
  });
});
