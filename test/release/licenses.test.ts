import { describe, expect, test } from 'vitest';
import { thirdPartyLicenses } from '../../release/licenses.ts';

const bundled = (license: string | undefined, ...texts: readonly string[]) => ({
  name: 'yaml',
  version: '2.9.1',
  license,
  integrity: 'sha512-',
  texts,
});

describe('thirdPartyLicenses()', () => {
  test('returns each package with its license and the license text', () => {
    const text = thirdPartyLicenses([bundled('ISC', '  Copyright A\n', 'Notice B\n'), bundled('MIT')]);
    expect(text.split(`\n${'-'.repeat(80)}\n\n`)).toEqual([
      'gateway-name-webhook contains these packages, in whole or in part.\n',
      'yaml 2.9.1 (ISC)\n\nCopyright A\n\nNotice B\n',
      'yaml 2.9.1 (MIT)\n\nThe package has no license file.\n',
    ]);
  });

  test.for(['MIT', 'Apache-2.0', '(BSD-3-Clause OR GPL-2.0)', 'GPL-3.0 OR MIT'])('accepts %s', (license) => {
    expect(thirdPartyLicenses([bundled(license)])).toContain(license);
  });

  test.for([
    'GPL-2.0',
    'GPL-2.0 OR LGPL-3.0',
    'MIT AND GPL-2.0',
    '(MIT OR ISC) AND CC-BY-3.0',
    '(MIT OR ISC) AND (GPL-2.0 OR MIT)',
    'SEE LICENSE IN x',
    undefined,
  ])('refuses %s', (license) => {
    expect(() => thirdPartyLicenses([bundled('MIT'), bundled(license)])).toThrow(
      `does not allow: yaml 2.9.1: ${license ?? 'none'}`,
    );
  });
});
