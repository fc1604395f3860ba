import packageJson from '../package.json' with { type: 'json' };
import type { BundledPackage } from './bundled-packages.ts';
import { NAMES } from './names.ts';

/**
 * Returns the software bill of materials of the bundle, in CycloneDX.
 *
 * Scanners such as syft cannot find the packages in a bundle, and read this file in the image instead. It has no timestamp and
 * no serial number, so that the same sources give the same bytes.
 */
export function billOfMaterials(packages: readonly BundledPackage[]) {
  const { name, version, description, license } = packageJson;
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        ...identity(name, version),
        description,
        licenses: [{ expression: license }],
        externalReferences: [{ type: 'vcs', url: NAMES.repository }],
      },
    },
    components: packages.map(({ integrity, ...bundled }) => ({
      type: 'library',
      ...identity(bundled.name, bundled.version),
      licenses: [{ expression: bundled.license }],
      hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }],
    })),
  };
}

function identity(name: string, version: string) {
  // A scope's "@" must be escaped, its "/" must not.
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return { 'bom-ref': purl, name, version, purl };
}
