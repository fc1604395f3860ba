import { describe, expect, test } from 'vitest';
import { judgeConfiguration } from '../../src/doctor/configuration.ts';
import type { WebhookConfiguration } from '../../src/installation/configuration.ts';
import { changedConfiguration, chartConfiguration, twiceConfiguration } from '../support/chart-configuration.ts';
import { installedPolicy } from '../support/installed-policies.ts';

const STANDARD = 'standard.label.gateway-name-webhook';
const OWNER = 'owner.label.gateway-name-webhook';

const judge = (value: WebhookConfiguration | undefined, reverse?: 'both' | 'managed' | 'off') =>
  judgeConfiguration({ name: 'a-name', configuration: { value }, policies: { value: [] }, reverse });

const released = (
  configuration: WebhookConfiguration,
  managedFields: WebhookConfiguration['metadata']['managedFields'] = [],
) => ({
  ...configuration,
  metadata: {
    ...configuration.metadata,
    annotations: { 'meta.helm.sh/release-name': 'a-release', 'meta.helm.sh/release-namespace': 'its-namespace' },
    managedFields,
  },
});

const RESTORE = 'Run `helm upgrade a-release CHART -n its-namespace` to restore it, and stop whatever changed it.';

describe('judgeConfiguration()', () => {
  test("accepts the chart's webhook configuration", () => {
    expect(judge(released(chartConfiguration()), 'both')).toEqual([
      {
        name: 'present',
        status: 'ok',
        message: 'MutatingWebhookConfiguration gateway-name-webhook, from the release a-release in its-namespace',
      },
      { name: STANDARD, status: 'ok', message: `${STANDARD} is as it was installed` },
      { name: OWNER, status: 'ok', message: `${OWNER} is as it was installed` },
    ]);
  });

  test('accepts a webhook configuration without a release', () => {
    expect(judge(chartConfiguration('provided'))[0]).toEqual({
      name: 'present',
      status: 'ok',
      message: 'MutatingWebhookConfiguration gateway-name-webhook-provided, not from a Helm release',
    });
  });

  test("notes a user's choices that matter", () => {
    const namespaceSelector = { matchLabels: { team: 'a' } };
    const judgements = judge(changedConfiguration({ failurePolicy: 'Fail', namespaceSelector }, { only: 0 }));
    expect(judgements.slice(2, 4)).toEqual([
      {
        name: `${STANDARD}/namespaceSelector`,
        status: 'note',
        message: `${STANDARD} only applies to namespaces that match {"matchLabels":{"team":"a"}}`,
      },
      {
        name: `${STANDARD}/failurePolicy`,
        status: 'note',
        message: `${STANDARD} has failurePolicy Fail: while no replica answers, objects that are missing the label cannot be created`,
      },
    ]);
  });

  test('treats an owner entry without rules as off', () => {
    const { webhooks: [standard, owner] = [], ...rest } = chartConfiguration();
    if (!standard || !owner) throw new Error('The chart has no two entries');
    const { rules: _, ...off } = owner;
    expect(judge({ ...rest, webhooks: [standard, off] }, 'off').at(-1)).toEqual({
      name: OWNER,
      status: 'ok',
      message: `${OWNER} has no rules: rule.reverse is off`,
    });
  });

  test('fails without a webhook configuration', () => {
    expect(judge(undefined)).toMatchObject([
      {
        name: 'present',
        status: 'failure',
        class: 'missing',
        message: 'MutatingWebhookConfiguration a-name not found: the webhook is never called',
      },
    ]);
  });

  test('says why it cannot be read', () => {
    const problem = { code: 500, message: 'etcd is away: connection refused' };
    const question = { name: 'a-name', configuration: { problem }, policies: { value: [] }, reverse: undefined };
    expect(judgeConfiguration(question)).toEqual([
      { name: 'present', status: 'failure', class: 'refused', message: problem.message },
    ]);
  });

  test('reports missing entries', () => {
    expect(judge(released({ ...chartConfiguration(), webhooks: [] })).slice(1)).toEqual([
      {
        name: STANDARD,
        status: 'failure',
        class: 'missing',
        message: `entry ${STANDARD} is missing, so no object gets the standard label`,
        advice: RESTORE,
      },
      {
        name: OWNER,
        status: 'failure',
        class: 'missing',
        message: `entry ${OWNER} is missing, so no object gets the owner label`,
        advice: RESTORE,
      },
    ]);
  });

  test('reports only missing entries if there are none at all', () => {
    const { webhooks: _, ...none } = chartConfiguration();
    expect(judge(none, 'managed').map(({ class: fault }) => fault)).toEqual([undefined, 'missing', 'missing']);
  });

  test("reports entries that are not the chart's", () => {
    const { webhooks = [], ...rest } = chartConfiguration();
    const [first] = webhooks;
    if (!first) throw new Error('The chart has no two entries');
    expect(judge({ ...rest, webhooks: [...webhooks, { ...first, name: 'another' }] }).at(-1)).toMatchObject({
      name: 'another',
      status: 'warning',
      class: 'changed',
      message: 'entry another was not created by the chart',
    });
  });

  describe('with managedFields,', () => {
    const HELM = [
      'f:failurePolicy',
      'f:namespaceSelector',
      'f:objectSelector',
      'f:rules',
      'f:timeoutSeconds',
      'f:sideEffects',
    ];
    const record = (manager: string, fields: readonly string[], time = '2026-01-02T00:00:00Z') => ({
      manager,
      time,
      fieldsV1: {
        'f:webhooks': { [`k:{"name":"${STANDARD}"}`]: Object.fromEntries(fields.map((field) => [field, {}])) },
      },
    });
    const installed = record('helm', HELM, '2026-01-01T00:00:00Z');

    test('reports a changed field, and when it was changed', () => {
      const configuration = changedConfiguration({ timeoutSeconds: 30 }, { only: 0 });
      const clientConfig = { ...record('kubectl-edit', []), ...clientConfigBy('kubectl-edit', ['f:service']) };
      const judgements = judge(
        released(configuration, [installed, record('kubectl-edit', ['f:timeoutSeconds']), clientConfig]),
      );
      expect(judgements.slice(1, 4)).toEqual([
        {
          name: `${STANDARD}/timeoutSeconds`,
          status: 'warning',
          class: 'changed',
          message: `${STANDARD}: timeoutSeconds is 30, set by kubectl-edit at 2026-01-02T00:00:00Z`,
          advice: RESTORE,
        },
        {
          name: `${STANDARD}/clientConfig`,
          status: 'warning',
          class: 'changed',
          message: expect.stringMatching(
            /: clientConfig is \{"service":\{.*"path":"\/mutate".*\}\}, set by kubectl-edit at /,
          ),
          advice: RESTORE,
        },
        { name: OWNER, status: 'ok', message: `${OWNER} is as it was installed` },
      ]);
    });

    test('fails once if a change sends other objects', () => {
      const configuration = changedConfiguration({ objectSelector: {} }, { only: 0 });
      const judgements = judge(released(configuration, [installed, record('bob', ['f:objectSelector'])]));
      expect(judgements.slice(1, 3)).toEqual([
        {
          name: `${STANDARD}/objectSelector`,
          status: 'failure',
          class: 'changed',
          message: expect.stringMatching(
            /also matches objects with neither label, .*, set by bob at 2026-01-02T00:00:00Z$/,
          ),
          advice: RESTORE,
        },
        expect.objectContaining({ name: OWNER, status: 'ok' }),
      ]);
    });

    test('notes the manager of a namespaceSelector: one set by AKS is no failure', () => {
      const namespaceSelector = { matchExpressions: [{ key: 'control-plane', operator: 'NotIn', values: ['true'] }] };
      const configuration = changedConfiguration({ namespaceSelector }, { only: 0 });
      const judgements = judge(
        released(configuration, [installed, record('admissionsenforcer', ['f:namespaceSelector'])]),
      );
      expect(judgements.slice(1, 3)).toMatchObject([
        { name: STANDARD, status: 'ok' },
        {
          status: 'note',
          message: expect.stringMatching(/\}, set by admissionsenforcer at 2026-01-02T00:00:00Z$/),
        },
      ]);
    });

    function clientConfigBy(manager: string, fields: readonly string[]) {
      const below = Object.fromEntries(fields.map((field) => [field, {}]));
      return { manager, fieldsV1: { 'f:webhooks': { [`k:{"name":"${STANDARD}"}`]: { 'f:clientConfig': below } } } };
    }
  });

  test('fails if objects do not get their label, even if the manager of the change is unknown', () => {
    expect(judge(changedConfiguration({ rules: [] }, { only: 0 }))[1]).toEqual({
      name: `${STANDARD}/rules`,
      status: 'failure',
      class: 'changed',
      message: `${STANDARD}: its rules do not cover CREATE of ServiceAccounts, Pods, Services`,
      advice: 'Run `helm upgrade RELEASE CHART -n NAMESPACE` to restore it, and stop whatever changed it.',
    });
  });

  test('compares rule.reverse with the given value', () => {
    expect(judge(chartConfiguration(), 'managed').at(-1)).toMatchObject({
      name: 'reverse',
      status: 'warning',
      class: 'changed',
      message: 'rule.reverse is both in the cluster, but --reverse is managed',
    });
  });

  const WITHOUT = { name: 'a-name', configuration: { value: undefined }, reverse: undefined };

  test('needs no webhook configuration if policies are the engine', () => {
    expect(judgeConfiguration({ ...WITHOUT, policies: { value: [installedPolicy('standard')] } })).toEqual([
      {
        name: 'present',
        status: 'note',
        message: 'MutatingWebhookConfiguration a-name not found: policies add the labels, not the webhook',
      },
    ]);
  });

  test('reports no failure if policies may be installed', () => {
    expect(judgeConfiguration({ ...WITHOUT, policies: { problem: { code: 403, message: 'no' } } })).toEqual([
      {
        name: 'present',
        status: 'skipped',
        message: 'MutatingWebhookConfiguration a-name not found, and cannot read whether policies are installed',
      },
    ]);
  });

  test('accepts several attempts, of which only the last one may refuse an object', () => {
    const judgements = judge(twiceConfiguration({ failurePolicy: 'Fail' }));
    expect(judgements.slice(1).map(({ name, status }) => [name, status])).toEqual([
      [STANDARD, 'ok'],
      [`${STANDARD}/failurePolicy`, 'warning'],
      [`second.${STANDARD}`, 'ok'],
      [`second.${STANDARD}/failurePolicy`, 'note'],
      [`second.${OWNER}`, 'ok'],
      [`second.${OWNER}/failurePolicy`, 'warning'],
      [OWNER, 'ok'],
      [`${OWNER}/failurePolicy`, 'note'],
    ]);
    expect(judgements[2]?.message).toBe(
      `${STANDARD} has failurePolicy Fail: if a call fails, the remaining attempts are not made`,
    );
  });
});
