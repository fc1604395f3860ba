import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { decide, REVERSE, type Reverse } from '../../src/admission/gateway.ts';
import { type Answer, callApi } from '../cluster/api.ts';
import { eventually } from '../cluster/eventually.ts';
import { kubectl } from '../cluster/kubectl.ts';
import {
  KINDS,
  type Kind,
  type KubernetesObject,
  NAMESPACE_LABEL,
  OPT_OUT,
  OWNER,
  objectOf,
  STANDARD,
} from '../cluster/objects.ts';
import { Webhook } from '../cluster/webhook.ts';
import { renderObjects, type Values } from './helm.ts';
import { describeInstalled } from './installed.ts';

/** How many objects are created in each namespace. They are created by dry run: nothing of them stays. */
const OBJECTS = 2000;
const BATCH = 50;

/** The namespaces in which objects are created by dry run: one without an engine, and for each narrowing one of each engine. */
interface Namespaces {
  readonly none: string;
  readonly engines: readonly { readonly reverse: Reverse; readonly policy: string; readonly webhook: string }[];
}

const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('eg', 'shop', 'Eg', '0', 'a.b_c-d') },
  fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/),
  fc.constantFrom('a'.repeat(62), 'a'.repeat(63), 'a'.repeat(64), `${'a'.repeat(62)}-`, `-${'a'.repeat(62)}`, '-', '.'),
  fc.constantFrom(
    '',
    ' ',
    'eg ',
    'eg\n',
    '\neg',
    'e\u0000g',
    'grüße',
    'é'.repeat(32),
    '😀',
    "e'g",
    'e"g',
    'e\\g',
    'e/g',
  ),
  fc.string({ maxLength: 70 }),
);
const value = fc.oneof({ weight: 9, arbitrary: text }, fc.constant(null));
const managedBy = fc.constantFrom('envoy-gateway', 'Envoy-Gateway', 'istio', '');

/** An entry that is there as often as not, or seldom. */
function entry<T>(key: string, arbitrary: fc.Arbitrary<T>, absent: number): fc.Arbitrary<Record<string, T>> {
  return fc.oneof(
    { weight: absent, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: arbitrary.map((present) => ({ [key]: present })) },
  );
}

function mapOf(...entries: readonly fc.Arbitrary<object>[]): fc.Arbitrary<object | null | undefined> {
  const map = fc.tuple(...entries).map((parts) => Object.assign({}, ...parts) as object);
  return fc.oneof({ weight: 12, arbitrary: map }, fc.constantFrom(null, undefined));
}

const objects = fc.record({
  kind: fc.constantFrom(...KINDS),
  labels: mapOf(
    entry(STANDARD, value, 1),
    entry(OWNER, value, 1),
    entry(OPT_OUT, text, 9),
    entry('app.kubernetes.io/managed-by', managedBy, 1),
    entry('team', text, 4),
  ),
  annotations: mapOf(
    entry('kubernetes.io/config.mirror', fc.string({ maxLength: 9 }), 9),
    entry('note', fc.string(), 3),
  ),
});

interface Described {
  readonly kind: Kind;
  readonly labels: object | null | undefined;
  readonly annotations: object | null | undefined;
}

/** What came of an attempt to create an object: what is said of every namespace alike. */
interface Outcome {
  readonly refused?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

async function attempt({ kind, labels, annotations }: Described, namespace: string): Promise<Outcome> {
  const object = objectOf(kind, { labels, annotations } as KubernetesObject['metadata']);
  const path = `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s?dryRun=All`;
  const { status, body }: Answer = await callApi('POST', path, object);
  if (status !== 201) return { refused: refusalOf(status, body as Status).replaceAll(namespace, 'NAMESPACE') };
  const { metadata } = body as KubernetesObject;
  return { labels: metadata.labels ?? {}, annotations: (metadata['annotations'] ?? {}) as Record<string, string> };
}

interface Status {
  readonly message: string;
  readonly details?: { readonly causes?: readonly { readonly field: string; readonly message: string }[] };
}

/** What is said against several labels at once comes in the order of a Go map: in none. */
function refusalOf(status: number, { message, details }: Status): string {
  const causes = details?.causes?.map((cause) => `${cause.field}: ${cause.message}`).sort();
  return [status, ...(causes ?? [message])].join('\n');
}

/** What the rule makes of an object that the API server accepts as it is. */
function byRule({ labels = {}, annotations = {} }: Outcome, reverse: Reverse): Outcome {
  const { add } = decide({ labels, annotations }, reverse);
  return { labels: add ? { ...labels, [add.key]: add.value } : labels, annotations };
}

describeInstalled('the rule in TypeScript, as a policy and as a webhook', () => {
  test('gives the same answer for every object, and none is refused for it', { timeout: 300_000 }, async () => {
    const namespaces = await installEngines();
    const counts = { created: 0, refused: 0, labelled: 0 };

    const check = async (object: Described) => {
      const plain = await attempt(object, namespaces.none);
      counts[plain.refused === undefined ? 'created' : 'refused'] += 1;
      for (const { reverse, policy, webhook } of namespaces.engines) {
        const expected = plain.refused === undefined ? byRule(plain, reverse) : plain;
        if (expected.labels !== plain.labels) counts.labelled += 1;
        const [byPolicy, byWebhook] = await Promise.all([attempt(object, policy), attempt(object, webhook)]);
        expect({ reverse, byPolicy, byWebhook }).toEqual({ reverse, byPolicy: expected, byWebhook: expected });
      }
    };
    const seed = Math.floor(Math.random() * 2 ** 31);
    await fc.assert(
      fc.asyncProperty(fc.array(objects, { minLength: BATCH, maxLength: BATCH }), async (batch) => {
        await Promise.all(batch.map(check));
      }),
      { seed, numRuns: OBJECTS / BATCH, endOnFailure: true },
    );
    console.log(`parity: seed ${seed}, objects ${JSON.stringify(counts)}`);
    // Else the equality above would mean little.
    expect(counts.created).toBeGreaterThan(OBJECTS / 4);
    expect(counts.refused).toBeGreaterThan(OBJECTS / 20);
    expect(counts.labelled).toBeGreaterThan(OBJECTS / 4);
  });
});

async function installEngines(): Promise<Namespaces> {
  const engines = await Promise.all(
    REVERSE.map(async (reverse) => {
      const webhook = await Webhook.start({ args: ['--reverse', reverse] });
      onTestFinished(() => webhook.stop());
      const { url } = await webhook.clientConfig();
      const caBundle = await readFile(join(webhook.certificates, 'ca.crt'), 'utf8');
      return {
        reverse,
        policy: await install({ engine: 'policy' }, reverse),
        webhook: await install(
          {
            engine: 'webhook',
            certificates: { mode: 'provided', provided: { secretName: 'unused', caBundle } },
          },
          reverse,
          url,
        ),
      };
    }),
  );
  return { none: await namespaceOf('none'), engines };
}

const ENGINE_KINDS = new Set([
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
]);

/** Installs what the chart renders of an engine that is not a workload, for one namespace, and returns that. */
async function install(values: Values, reverse: Reverse, url = ''): Promise<string> {
  const name = `parity-${randomUUID().slice(0, 8)}`;
  const rendered = await renderObjects({
    ...values,
    rule: { reverse },
    fullnameOverride: name,
    webhook: { namespaceSelector: { matchLabels: { [NAMESPACE_LABEL]: name } }, clientConfig: { url } },
  });
  const items = rendered.filter(({ kind }) => ENGINE_KINDS.has(kind));
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  onTestFinished(async () => {
    await kubectl(['delete', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  });
  const namespace = await namespaceOf(name);
  const probe = { kind: 'ServiceAccount', labels: { [OWNER]: 'probe' }, annotations: {} } as const;
  await eventually(`${name} to add labels`, async () => {
    const { labels } = await attempt(probe, namespace);
    return labels?.[STANDARD] === 'probe' || undefined;
  });
  return namespace;
}

async function namespaceOf(name: string): Promise<string> {
  const labels = { [NAMESPACE_LABEL]: name };
  const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'parity-', labels } };
  const created = await kubectl(['create', '-o', 'name', '-f', '-'], manifest);
  return created.trim().replace('namespace/', '');
}
