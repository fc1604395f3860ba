import type { BundledPackage } from './bundled-packages.ts';

/** Licenses that allow bundling: their only condition is to include their text. */
const ALLOWED: ReadonlySet<string> = new Set(['Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense']);

/** Whether an SPDX expression offers an allowed license. A person must read anything more than a choice of licenses. */
function isAllowed(license = ''): boolean {
  const [, choices] = /^(?:\((?=.*\)$))?([\w.-]+(?: OR [\w.-]+)*)\)?$/.exec(license) ?? [];
  return choices?.split(' OR ').some((choice) => ALLOWED.has(choice)) ?? false;
}

/** Returns the authors and licenses of the bundled packages, as a text for the bundle. Throws if a license is not allowed. */
export function thirdPartyLicenses(packages: readonly BundledPackage[]): string {
  const refused = packages.filter(({ license }) => !isAllowed(license));
  if (refused.length > 0) {
    const list = refused.map(({ name, version, license }) => `${name} ${version}: ${license ?? 'none'}`);
    throw new Error(
      `Cannot bundle packages under licenses that release/licenses.ts does not allow: ${list.join(', ')}`,
    );
  }
  const entries = packages.map(({ name, version, license, texts }) => {
    const text = texts.length > 0 ? texts.map((part) => part.trim()).join('\n\n') : 'The package has no license file.';
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return ['gateway-name-webhook contains these packages, in whole or in part.\n', ...entries].join(
    `\n${'-'.repeat(80)}\n\n`,
  );
}
