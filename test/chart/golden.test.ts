import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { GOLDEN } from './golden-files.ts';
import { CHART, objectsOf, render, tryHelm } from './helm.ts';

describe.skipIf(inject('helm') === null)('helm template', () => {
  test.for(GOLDEN)('renders the golden file $name', async ({ file, golden }) => {
    const values = readFileSync(file, 'utf8');
    const rendered = await render(values);

    await expect(rendered).toMatchFileSnapshot(golden);
    expect(await render(values)).toBe(rendered);
  });

  test('depends only on the values: templates generate no certificates and look nothing up', () => {
    const templates = readdirSync(join(CHART, 'templates'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

    expect(templates.length).toBeGreaterThan(20);
    for (const text of templates) {
      expect(text).not.toMatch(
        /\b(gen(CA|SelfSignedCert|SignedCert|PrivateKey)\w*|lookup|now|rand\w+|uuidv4|htpasswd)\b/,
      );
    }
  });

  test('renders no empty caBundle, and no hooks except for helm test', async () => {
    for (const { file } of GOLDEN) {
      const rendered = await render(readFileSync(file, 'utf8'));
      expect(rendered).not.toMatch(/caBundle: *("" *)?$/m);
      for (const [, hook] of rendered.matchAll(/helm\.sh\/hook: (.*)/g)) expect(hook).toBe('test');
    }
  });

  test.for(GOLDEN)('with the values $name passes helm lint --strict', async ({ file }) => {
    const { exitCode, stdout } = await tryHelm(['lint', '--strict', CHART, '-f', file]);
    expect(exitCode, stdout).toBe(0);
  });
});

describe.skipIf(inject('helm3') === null)('helm template of Helm 3', () => {
  test.for(GOLDEN)('renders the same objects with the values $name', async ({ file }) => {
    const args = ['template', 'gateway-name-webhook', CHART, '-n', 'gateway-name-webhook', '-f', file];
    const { exitCode, stdout, stderr } = await tryHelm(args, '', 'helm3');

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(inOrder(stdout)).toEqual(inOrder(await render(readFileSync(file, 'utf8'))));
  });
});

/** Sorts objects by kind and name: Helm 3 and Helm 4 print unknown kinds in a different order. */
function inOrder(manifests: string): readonly unknown[] {
  const keyed = objectsOf(manifests).map((object) => [`${object.kind} ${object.metadata.name}`, object] as const);
  return keyed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}
