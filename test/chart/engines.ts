import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { REVERSE, type Reverse } from '../../src/admission/gateway.ts';
import { eventually } from '../cluster/eventually.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { NAMESPACE_LABEL, OWNER, STANDARD } from '../cluster/objects.ts';
import { Webhook } from '../cluster/webhook.ts';
import { renderObjects, type Values } from './helm.ts';
import { createByDryRun } from './outcome.ts';

/** Two namespaces: one with only the policy in effect, and one with only the webhook. */
export interface Engines {
  readonly reverse: Reverse;
  readonly policy: string;
  readonly webhook: string;
}

export interface EnginesOptions {
  readonly operations: readonly ('CREATE' | 'UPDATE')[];
  /** Called with each namespace before its engine takes effect. */
  readonly prepare?: (namespace: string) => Promise<void>;
}

/** Sets up both engines in separate namespaces, for every value of rule.reverse, until the test has finished. */
export function setUpEngines(options: EnginesOptions): Promise<readonly Engines[]> {
  return Promise.all(
    REVERSE.map(async (reverse) => {
      const webhook = await Webhook.start({ args: ['--reverse', reverse] });
      onTestFinished(() => webhook.stop());
      const { url } = await webhook.clientConfig();
      const caBundle = await readFile(join(webhook.certificates, 'ca.crt'), 'utf8');
      const certificates = { mode: 'provided', provided: { secretName: 'unused', caBundle } };
      return {
        reverse,
        policy: await setUp({ engine: 'policy', rule: { reverse } }, options),
        webhook: await setUp({ engine: 'webhook', rule: { reverse }, certificates }, options, url),
      };
    }),
  );
}

/** Creates a namespace without an engine. */
export async function namespaceWithoutEngine(): Promise<string> {
  const manifest = { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'parity-' } };
  const created = await kubectl(['create', '-o', 'name', '-f', '-'], manifest);
  return created.trim().replace('namespace/', '');
}

const ENGINE_KINDS = new Set([
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
  'MutatingWebhookConfiguration',
]);

/** Creates the chart's policies or configuration of an engine for a new namespace, and returns the namespace. */
async function setUp(values: Values, { operations, prepare }: EnginesOptions, url = ''): Promise<string> {
  const name = `parity-${randomUUID().slice(0, 8)}`;
  const namespaceSelector = { matchLabels: { [NAMESPACE_LABEL]: name } };
  const webhook = { operations, namespaceSelector, clientConfig: { url } };
  const rendered = await renderObjects({ ...values, fullnameOverride: name, webhook });
  const items = rendered.filter(({ kind }) => ENGINE_KINDS.has(kind));
  await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  onTestFinished(async () => {
    await kubectl(['delete', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  });

  const namespace = await namespaceWithoutEngine();
  await prepare?.(namespace);
  await kubectl(['label', 'namespace', namespace, `${NAMESPACE_LABEL}=${name}`]);
  const probe = { kind: 'ServiceAccount', unnamed: true, labels: { [OWNER]: 'probe' }, annotations: {} } as const;
  await eventually(`${name} to add labels`, async () => {
    const { labels } = await createByDryRun(probe, namespace);
    return labels?.[STANDARD] === 'probe' || undefined;
  });
  return namespace;
}
