import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { CHART, renderObjects, tryHelm, type Values } from './helm.ts';

/** Invalid values, and Helm's message for each. */
const WRONG: readonly { readonly values: Values; readonly says: string }[] = [
  { values: { replica: 3 }, says: "at '': additional properties 'replica' not allowed" },
  { values: { webhook: { timeout: 3 } }, says: "at '/webhook': additional properties 'timeout' not allowed" },
  { values: { replicas: '2' }, says: "at '/replicas': got string, want integer" },
  { values: { replicas: 0 }, says: "at '/replicas': minimum: got 0, want 1" },
  { values: { image: { tag: 1.1 } }, says: "at '/image/tag': got number, want string" },
  { values: { image: { digest: 'latest' } }, says: "at '/image/digest': 'latest' does not match pattern" },
  { values: { logLevel: 'verbose' }, says: "at '/logLevel': value must be one of 'trace', 'debug', 'info'" },
  { values: { rule: { reverse: true } }, says: "at '/rule/reverse': value must be one of 'both', 'managed', 'off'" },
  { values: { webhook: { failurePolicy: 'ignore' } }, says: "value must be one of 'Ignore', 'Fail'" },
  { values: { webhook: { timeoutSeconds: 31 } }, says: "at '/webhook/timeoutSeconds': maximum: got 31, want 30" },
  { values: { webhook: { operations: ['DELETE'] } }, says: "value must be one of 'CREATE', 'UPDATE'" },
  {
    values: { webhook: { operations: ['UPDATE'] } },
    says: 'webhook.operations must include CREATE',
  },
  {
    values: { webhook: { clientConfig: { url: 'http://webhook.example.com/mutate' } } },
    says: 'webhook.clientConfig.url is "http://webhook.example.com/mutate": must be an https URL with a host and a path',
  },
  { values: { certificates: { mode: 'vault' } }, says: "value must be one of 'self', 'cert-manager', 'provided'" },
  {
    values: { certificates: { names: ['Webhook'] } },
    says: 'certificates.names contains "Webhook": must be a lowercase DNS name',
  },
  {
    values: { certificates: { mode: 'provided' } },
    says: 'certificates.mode is provided: set certificates.provided.secretName to a Secret with tls.crt and tls.key',
  },
  {
    values: { certificates: { mode: 'provided', provided: { secretName: 'tls' } } },
    says: 'certificates.mode is provided: set certificates.provided.caBundle to the CA of the certificate, as PEM',
  },
  {
    values: { webhook: { clientCA: '-----BEGIN PRIVATE KEY-----' } },
    says: 'webhook.clientCA must be PEM, start with -----BEGIN CERTIFICATE-----, and contain no private key',
  },
  {
    values: { webhook: { clientCA: '-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----' } },
    says: 'webhook.clientCA must be PEM, start with -----BEGIN CERTIFICATE-----, and contain no private key',
  },
  {
    values: { certificates: { mode: 'provided', provided: { secretName: 'tls', caBundle: 'LS0tLS1CRUdJTg==' } } },
    says: 'certificates.provided.caBundle must be PEM, start with -----BEGIN CERTIFICATE-----, and contain no private key',
  },
  {
    values: {
      certificates: {
        mode: 'provided',
        provided: { secretName: 'tls', caBundle: '-----BEGIN CERTIFICATE-----' },
        names: ['example.com'],
      },
    },
    says: 'certificates.names is not supported with certificates.mode provided: add the names to your certificate',
  },
  {
    values: { certificates: { certManager: { issuerRef: { kind: 'ClusterIssuer' } } } },
    says: 'certificates.certManager.issuerRef.name is required',
  },
  { values: { runAsUser: 0 }, says: "at '/runAsUser': minimum: got 0, want 1" },
  { values: { runAsUser: 'nobody' }, says: "at '/runAsUser': value must be one of '', <nil>" },
  { values: { ports: { https: 443 } }, says: "at '/ports/https': minimum: got 443, want 1,024" },
  { values: { ports: { https: 8080 } }, says: 'ports.https and ports.metrics must differ, and both are 8080' },
  {
    values: { hostNetwork: true },
    says: 'hostNetwork is true: set ports.https, for admission reviews, to a port that is free on every node',
  },
  {
    values: { hostNetwork: true, ports: { https: 10443 } },
    says: 'hostNetwork is true: set ports.metrics, for metrics and probes, to a port that is free on every node',
  },
  {
    values: { hostNetwork: true, ports: { https: 10250, metrics: 10444 } },
    says: 'hostNetwork is true: ports.https must not be 10250, the port of the kubelet',
  },
  {
    values: { hostNetwork: true, ports: { https: 10443, metrics: 10250 } },
    says: 'hostNetwork is true: ports.metrics must not be 10250, the port of the kubelet',
  },
  {
    values: { heal: { schedule: 'hourly' } },
    says: 'heal.schedule is "hourly": must be a cron schedule with five fields, such as */10 * * * *, or a name such as @hourly. Set a time zone in heal.timeZone',
  },
  { values: { heal: { timeZone: '../etc/passwd' } }, says: "at '/heal/timeZone': '../etc/passwd' does not match" },
  {
    values: { quietPeriodSeconds: 26 },
    says: 'quietPeriodSeconds is 26: must be at most terminationGracePeriodSeconds - 5, which is 25',
  },
  {
    values: { terminationGracePeriodSeconds: 5 },
    says: "at '/terminationGracePeriodSeconds': minimum: got 5, want 10",
  },
  { values: { priorityClassQuota: true }, says: 'priorityClassQuota is true: set priorityClassName' },
  { values: { extraEnv: [{ value: 'x' }] }, says: "at '/extraEnv/0': missing property 'name'" },
  {
    values: { topologySpreadConstraints: [{ topologyKey: 'zone' }] },
    says: "at '/topologySpreadConstraints/0': missing properties 'maxSkew', 'whenUnsatisfiable'",
  },
  {
    values: { heal: { allNamespaces: true, namespaces: ['gateways'] } },
    says: 'heal.allNamespaces and heal.namespaces are both set: set one of them',
  },
  {
    values: { networkPolicy: { admissionFrom: [{ cidr: '192.0.2.0/28' }] } },
    says: "at '/networkPolicy/admissionFrom/0': additional properties 'cidr' not allowed",
  },
  { values: { networkPolicy: { metricsFrom: [{}] } }, says: "at '/networkPolicy/metricsFrom/0': minProperties" },
  { values: { heal: { namespaces: 'gateways' } }, says: "at '/heal/namespaces': got string, want array" },
  {
    values: { heal: { namespaces: ['Gateways'] } },
    says: "at '/heal/namespaces/0': 'Gateways' does not match pattern",
  },
  { values: { heal: { namespaces: ['a', 'a'] } }, says: "at '/heal/namespaces': items at 0 and 1 are equal" },
  { values: { heal: { qps: 0 } }, says: "at '/heal/qps': minimum: got 0, want 1" },
  { values: { heal: { enabled: true } }, says: "at '/heal': additional properties 'enabled' not allowed" },
  {
    values: {
      heal: { schedule: '@hourly', allNamespaces: true },
      webhook: { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Gt', values: ['1'] }] } },
    },
    says: 'webhook.namespaceSelector has the operator "Gt": must be In, NotIn, Exists or DoesNotExist',
  },
  { values: { fullnameOverride: 'Webhook' }, says: 'fullnameOverride is "Webhook": must be lowercase letters' },
  {
    values: { labels: { team: 'a' } },
    says: 'labels was renamed to commonLabels in chart 0.2. If you did not set it: use --reset-then-reuse-values',
  },
  { values: { annotations: {} }, says: 'annotations was renamed to commonAnnotations in chart 0.2' },
  { values: { fullnameOverride: 'x'.repeat(64) }, says: "at '/fullnameOverride': maxLength: got 64, want 63" },
];

describe.skipIf(inject('helm') === null)('helm template', () => {
  test.for<Values>([
    { certificates: { mode: 'provided' } },
    { certificates: { certManager: { issuerRef: { kind: 'ClusterIssuer' } } } },
    { hostNetwork: true },
    { quietPeriodSeconds: 60 },
  ])('accepts values with engine policy that only engine webhook checks: %j', async (values) => {
    expect(await renderObjects({ ...values, engine: 'policy' })).toHaveLength(4);
    await expect(renderObjects({ ...values, engine: 'both' })).rejects.toThrow();
  });

  test.for(WRONG)('refuses $values', async ({ values, says }) => {
    const { exitCode, stderr } = await tryHelm(['template', 'x', CHART, '-f', '-'], JSON.stringify(values));
    expect(stderr).toContain(says);
    expect(exitCode).toBe(1);
  });
});

describe('the chart', () => {
  const read = (path: string) => readFileSync(new URL(path, `file://${CHART}/`), 'utf8');

  test('has the version of the package', () => {
    const { version, appVersion } = parse(read('Chart.yaml'));
    const { version: packageVersion } = JSON.parse(read('../../package.json'));
    expect({ version, appVersion }).toEqual({ version: packageVersion, appVersion: packageVersion });
  });

  test('has a schema for every value, and a value for everything in the schema', () => {
    const values = parse(read('values.yaml'));
    const schema = JSON.parse(read('values.schema.json'));
    // Not in values.yaml: global values and the condition, which a parent chart sets, and the old names of two values.
    const { global: _global, enabled: _enabled, labels: _l, annotations: _a, ...properties } = schema.properties;

    expect(keysOfSchema({ properties })).toEqual(keysOfValues(values));
  });

  test('has values that fit on two screens, of 60 lines each', () => {
    expect(read(join('values.yaml')).trimEnd().split('\n').length).toBeLessThanOrEqual(120);
  });
});

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Values with keys that values.yaml does not list, because users set them. */
const OPEN =
  /^\/(certificates\/certManager\/issuerRef|webhook\/(annotations|namespaceSelector)|(heal\/)?resources|nodeSelector)\//;

function keysOfSchema({ properties = {} }: Schema, path = ''): string[] {
  return Object.entries(properties)
    .flatMap(([key, schema]) => [`${path}/${key}`, ...keysOfSchema(schema, `${path}/${key}`)])
    .filter((key) => !OPEN.test(key))
    .sort();
}

function keysOfValues(values: unknown, path = ''): string[] {
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return [];
  return Object.entries(values)
    .flatMap(([key, value]) => [`${path}/${key}`, ...keysOfValues(value, `${path}/${key}`)])
    .filter((key) => !OPEN.test(key))
    .sort();
}
