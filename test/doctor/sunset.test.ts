import { describe, expect, test } from 'vitest';
import { SunsetJudge } from '../../src/doctor/sunset.ts';
import type { StoredObject } from '../../src/objects/stored-object.ts';
import { gatewayObject, OWNER, STANDARD } from '../support/gateway-objects.ts';

const BOTH = { [STANDARD]: 'eg', [OWNER]: 'eg', 'app.kubernetes.io/managed-by': 'envoy-gateway' };

/** The managedFields of a manager that sets labels. */
const set = (manager: string | undefined, ...keys: readonly string[]) => ({
  ...(manager !== undefined && { manager }),
  fieldsV1: { 'f:metadata': { 'f:labels': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) } },
});

const byItself = gatewayObject('by-itself', BOTH, { managedFields: [set('envoy-gateway', STANDARD, OWNER)] });

function judged(...objects: readonly StoredObject[]) {
  const judge = new SunsetJudge();
  for (const object of objects) judge.add(object);
  return judge.judgement({ name: 'a-release', namespace: 'its-namespace' });
}

const needed = (count: number, all: number, example: string) => ({
  name: 'needed',
  status: 'ok',
  message: `the webhook is needed: without it, ${count} of ${all} Envoy Gateway objects would be missing ${STANDARD}, such as ${example}`,
});

describe('SunsetJudge', () => {
  test('reports that the webhook can be removed if Envoy Gateway sets the label on all of its objects', () => {
    const pods = ['kube-controller-manager', 'k3s', 'kubelite'].map((manager) =>
      gatewayObject('pod', BOTH, { kind: 'Pod', managedFields: [set(manager, STANDARD, OWNER)] }),
    );
    expect(judged(byItself, ...pods)).toEqual({
      name: 'needed',
      status: 'note',
      message: `the webhook can be removed: Envoy Gateway itself sets ${STANDARD} on all of its objects (4)`,
      advice: 'Run `helm uninstall a-release -n its-namespace`. Existing labels stay.',
    });
  });

  test.for<readonly [what: string, object: StoredObject]>([
    [
      'admission has added the label, so it has no manager',
      gatewayObject('a', BOTH, { managedFields: [set('envoy-gateway', OWNER)] }),
    ],
    ['the manager of the label is unknown', gatewayObject('a', BOTH)],
    [
      'backfill has added the label',
      gatewayObject('a', BOTH, { managedFields: [set('envoy-gateway', OWNER), set('gateway-name-webhook', STANDARD)] }),
    ],
    ['a user has added the label', gatewayObject('a', BOTH, { managedFields: [set('kubectl-label', STANDARD)] })],
    [
      'the label is missing',
      gatewayObject('a', { ...BOTH, [STANDARD]: undefined } as never, { managedFields: [set('envoy-gateway', OWNER)] }),
    ],
  ])('reports that the webhook is needed if, for one object, %s', ([, object]) => {
    expect(judged(byItself, object, object)).toEqual(needed(2, 3, 'Service a-namespace/a'));
  });

  test.for([undefined, 'velero', 'k9s', 'kyverno', 'argocd-controller', 'kube-controller-manager'])(
    'does not count a label that was set by %s as set by Envoy Gateway',
    (manager) => {
      const object = gatewayObject('a', BOTH, { managedFields: [set('envoy-gateway', OWNER), set(manager, STANDARD)] });
      expect(judged(byItself, object)).toEqual(needed(1, 2, 'Service a-namespace/a'));
    },
  );

  test('does not count objects of other implementations, deleted ones, or those that are opted out', () => {
    const none = [
      gatewayObject('a', { [STANDARD]: 'eg', [OWNER]: 'eg' }),
      gatewayObject('b', { 'app.kubernetes.io/managed-by': 'envoy-gateway', [STANDARD]: 'eg' }),
      gatewayObject('c', BOTH, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      gatewayObject('d', { ...BOTH, 'gateway-name-webhook/ignore': '' }),
    ];
    expect(judged(...none)).toEqual({
      name: 'needed',
      status: 'note',
      message: 'unknown whether the webhook is needed: Envoy Gateway has no objects',
    });
  });

  test('says how to remove an installation without a release', () => {
    const judge = new SunsetJudge();
    judge.add(byItself);
    expect(judge.judgement(undefined).advice).toContain('`helm uninstall RELEASE -n NAMESPACE`');
  });
});
