import { execFile } from 'node:child_process';
import { copyFile, mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { documentedBlock } from '../support/documented.ts';
import { blocksOf, readPage } from '../support/pages.ts';
import { rulesOf } from './rules.ts';

const RELEASE = { name: 'gateway-name-webhook', namespace: 'gateways' };
const MODES = ['self', 'cert-manager', 'provided'];

describe.skipIf(inject('helm') === null || inject('promtool') === null)("the chart's alerts", () => {
  test('fire only when they should', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-alerts-'));
    await writeFile(join(directory.path, 'rules.yaml'), JSON.stringify(await rulesOf('self', RELEASE)));
    await copyFile(new URL('alerts.yaml', import.meta.url), join(directory.path, 'alerts.yaml'));

    const { stdout } = await promtool('test', 'rules', join(directory.path, 'alerts.yaml'));
    expect(stdout).toContain('SUCCESS');
  });

  test('cover only what is installed, with each engine', async () => {
    const of = async (engine: string) =>
      (await rulesOf('self', RELEASE, engine)).groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    const [webhook, policy, both] = await Promise.all(['webhook', 'policy', 'both'].map(of));

    // Heal does not depend on the engine.
    expect(policy).toEqual(['GatewayNameWebhookPolicyFailed', 'GatewayNameWebhookHealDenied']);
    expect(webhook).not.toContain('GatewayNameWebhookPolicyFailed');
    expect(webhook).toContain('GatewayNameWebhookDown');
    expect(both).toEqual(['GatewayNameWebhookPolicyFailed', ...(webhook ?? [])]);
  });

  test('of docs/heal.md are well-formed', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-alerts-'));
    const rules = parse(documentedBlock('docs/heal.md', 'yaml', 'alert: GatewayNameWebhookHealFailed'));
    const file = join(directory.path, 'rules.yaml');
    await writeFile(file, JSON.stringify({ groups: [{ name: 'heal', rules }] }));
    const { stdout } = await promtool('check', 'rules', '--lint-fatal', file);
    expect(stdout).toMatch(/SUCCESS: 2 rules found/);
  });

  test('and the queries of docs/monitoring.md are well-formed', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-alerts-'));
    const queries = blocksOf(readPage('docs/monitoring.md'), 'promql');
    const rules = queries.map((expr, index) => ({ record: `query:${index}`, expr }));
    const file = join(directory.path, 'rules.yaml');
    await writeFile(file, JSON.stringify({ groups: [{ name: 'monitoring', rules }] }));
    const { stdout } = await promtool('check', 'rules', '--lint-fatal', file);
    expect(stdout).toMatch(`SUCCESS: ${queries.length} rules found`);
  });

  test.for(MODES)('are well-formed in mode %s', async (mode) => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-alerts-'));
    await writeFile(join(directory.path, 'rules.yaml'), JSON.stringify(await rulesOf(mode, RELEASE)));

    const { stdout } = await promtool('check', 'rules', '--lint-fatal', join(directory.path, 'rules.yaml'));
    expect(stdout).toMatch(/SUCCESS: \d+ rules found/);
  });
});

/** Runs promtool. Rejects with its output if it fails. */
async function promtool(...args: readonly string[]): Promise<{ readonly stdout: string }> {
  return promisify(execFile)(inject('promtool') ?? '', [...args]);
}
