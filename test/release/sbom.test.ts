import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bundledPackages } from '../../release/bundled-packages.ts';
import { billOfMaterials } from '../../release/sbom.ts';
import { bundleOf } from '../support/bundle.ts';

test('billOfMaterials() names packages like npm', async () => {
  const command = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const npm = JSON.parse(execFileSync('npm', command, { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 }));
  const files = [
    'node_modules/yaml/a.js',
    'node_modules/@fastify/error/a.js',
    'node_modules/@kubernetes/client-node/a.js',
  ];

  const { metadata, components } = billOfMaterials(await bundledPackages(bundleOf(...files)));

  expect(metadata.component).toMatchObject({
    purl: npm.metadata.component.purl,
    version: npm.metadata.component.version,
  });
  expect(components).toHaveLength(files.length);
  for (const { purl, name, version, hashes } of components) {
    expect(npm.components).toContainEqual(expect.objectContaining({ purl, name, version, hashes }));
  }
});
