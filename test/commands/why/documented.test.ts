import { expect, test } from 'vitest';
import { GATEWAY_LABELS } from '../../../src/admission/gateway.ts';
import { reviewLiveObject } from '../../../src/commands/why/live-review.ts';
import { formatLiveReview } from '../../../src/commands/why/report.ts';
import { madeConfiguration } from '../../support/chart-configuration.ts';
import { documentedBlock, stepsOf } from '../../support/documented.ts';
import { liveFacts, setBy } from '../../support/live-facts.ts';
import { OWNER, storedObject } from '../../support/objects.ts';

const CREATED = '2026-11-16T09:12:40Z';
const INSTALLED = '2026-11-19T14:02:11Z';

test('prints what docs/troubleshooting.md shows for a Pod that is older than the webhook', () => {
  const [step] = stepsOf(documentedBlock('docs/troubleshooting.md', 'console', 'why pod/'));
  const [, name = '', namespace = ''] = /^why pod\/(\S+) -n (\S+)$/.exec(step?.command ?? '') ?? [];
  const { webhooks = [] } = madeConfiguration();
  const metadata = { name: 'gateway-name-webhook', creationTimestamp: INSTALLED };
  const entries = webhooks.map((entry, index) => ({
    name: entry.name,
    failOpens: 0,
    calls: index === 0 ? { 200: 214 } : {},
  }));
  const facts = liveFacts(
    {},
    {
      object: storedObject('Pod', `${namespace}/${name}`, OWNER('eg'), {
        creationTimestamp: CREATED,
        managedFields: [setBy('kube-controller-manager', [GATEWAY_LABELS.owner], CREATED)],
      }),
      configuration: { value: { metadata, webhooks } },
      counters: { value: { since: '2026-11-01T07:30:00Z', entries } },
    },
  );

  const printed = formatLiveReview(reviewLiveObject(facts, 'both'), 'table', new Date('2026-11-28T12:00:00Z'));
  expect(printed).toBe(step?.output);
});
