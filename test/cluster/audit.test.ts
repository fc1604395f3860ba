import { expect } from 'vitest';
import { auditAnnotations } from './audit.ts';
import { describeCluster, test } from './cluster-test.ts';
import { create, OWNER, objectOf, STANDARD } from './objects.ts';

const CASES = [
  { given: 'owner', entry: 'addStandard', labels: { [OWNER]: 'eg' }, reason: 'added-standard', added: STANDARD },
  { given: 'standard', entry: 'addOwner', labels: { [STANDARD]: 'eg' }, reason: 'added-owner', added: OWNER },
] as const;

describeCluster('the audit log', () => {
  test.for(CASES)(
    'shows one call, its reason and its patch for an object with only the $given label',
    async ({ labels, entry, reason, added }, { namespace, registration }) => {
      await create(objectOf('Pod', { namespace, labels }));

      const annotations = Object.entries(await auditAnnotations('pods', namespace));
      const ofWebhooks = annotations.filter(([key]) => key.includes('webhook'));
      const call = { configuration: registration.name, webhook: registration[entry] };
      const patch = [{ op: 'add', path: `/metadata/labels/${added.replace('/', '~1')}`, value: 'eg' }];
      expect(ofWebhooks.map(([key, value]) => [withoutIndex(key), value]).sort()).toEqual([
        [`${call.webhook}/reason`, reason],
        ['mutation.webhook.admission.k8s.io', JSON.stringify({ ...call, mutated: true })],
        ['patch.webhook.admission.k8s.io', JSON.stringify({ ...call, patch, patchType: 'JSONPatch' })],
      ]);
    },
  );
});

/** The index depends on the other webhook configurations in the cluster: it counts the entries of all. */
function withoutIndex(key: string): string {
  return key.replace(/\/round_0_index_\d+$/, '');
}
