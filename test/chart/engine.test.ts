import { describe, expect, inject, test } from 'vitest';
import { renderObjects } from './helm.ts';
import { configurationOf } from './installed.ts';

/** Enables every optional object. */
const EVERYTHING = {
  replicas: 3,
  networkPolicy: { enabled: true },
  monitoring: { serviceMonitor: { enabled: true }, prometheusRule: { enabled: true } },
};

const CERTIFICATES = [
  { mode: 'self' },
  { mode: 'cert-manager' },
  { mode: 'provided', provided: { secretName: 'tls', caBundle: '-----BEGIN CERTIFICATE-----' } },
];

describe.skipIf(inject('helm') === null)('the engine', () => {
  test.for(CERTIFICATES)('policy renders no workload, no RBAC and no Secret, with certificates %j', async (mode) => {
    const objects = await renderObjects({ ...EVERYTHING, certificates: mode, engine: 'policy' });

    expect(objects.map(({ kind }) => kind).sort()).toEqual([
      'MutatingAdmissionPolicy',
      'MutatingAdmissionPolicy',
      'MutatingAdmissionPolicyBinding',
      'MutatingAdmissionPolicyBinding',
      'PrometheusRule',
    ]);
  });

  test('both renders exactly the objects of the two engines', async () => {
    const of = async (engine: string) => {
      const objects = await renderObjects({ ...EVERYTHING, engine });
      // A single object contains the alerts of both.
      return objects.filter(({ kind }) => kind !== 'PrometheusRule').map((object) => JSON.stringify(object));
    };
    const [both, policy, webhook] = [await of('both'), await of('policy'), await of('webhook')];

    expect(both.sort()).toEqual([...policy, ...webhook].sort());
    expect(webhook.join()).not.toContain('MutatingAdmissionPolicy');
  });

  test.for(['both', 'managed', 'off'])(
    'policy matches the same objects as webhook, with rule.reverse %s',
    async (reverse) => {
      const objects = await renderObjects({
        engine: 'both',
        rule: { reverse },
        webhook: {
          failurePolicy: 'Fail',
          operations: ['UPDATE', 'CREATE'],
          namespaceSelector: { matchLabels: { team: 'payments' } },
        },
      });
      const policies = objects
        .filter(({ kind }) => kind === 'MutatingAdmissionPolicy')
        .map(({ spec }) => spec as Policy);
      // A disabled entry keeps only its name. The last of the two entries of a direction has the failure policy.
      const entries = configurationOf(objects).entries.filter(
        ({ rules, failurePolicy }) => rules !== undefined && failurePolicy === 'Fail',
      );

      expect(policies.length).toBe(reverse === 'off' ? 1 : 2);
      expect(policies.map(askedOfPolicy)).toEqual(entries.map(askedOfWebhook));
    },
  );
});

interface Policy {
  readonly failurePolicy: string;
  readonly reinvocationPolicy: string;
  readonly matchConstraints: Readonly<Record<string, unknown>>;
  readonly matchConditions: readonly { readonly name: string }[];
}

function askedOfPolicy({ failurePolicy, reinvocationPolicy, matchConstraints, matchConditions }: Policy): object {
  const { resourceRules, ...constraints } = matchConstraints;
  // The webhook checks this itself.
  const conditions = matchConditions.filter(({ name }) => name !== 'value-is-usable');
  return { failurePolicy, reinvocationPolicy, ...constraints, rules: resourceRules, matchConditions: conditions };
}

function askedOfWebhook(entry: Readonly<Record<string, unknown>>): object {
  const { name, admissionReviewVersions, clientConfig, sideEffects, timeoutSeconds, ...asked } = entry;
  return asked;
}
