import { describe, expect, test } from 'vitest';
import { changelogSection } from '../../release/changelog.ts';

const CHANGELOG = `# Changelog

## Unreleased

- later

## 0.2.10

## [0.2.1] - 2026-12-01

### Added

- second

## 0.2.0 (2026-11-28)

- first
`;

describe('changelogSection()', () => {
  test.for([
    ['0.2.1', '### Added\n\n- second\n'],
    ['0.2.0', '- first\n'],
  ] as const)('returns the changes in %s', ([version, section]) => {
    expect(changelogSection(CHANGELOG, version)).toBe(section);
  });

  test.for(['0.2', '0.1.0', '0.2.10'])('throws without a section for %s', (version) => {
    expect(() => changelogSection(CHANGELOG, version)).toThrow(`CHANGELOG.md has no section`);
  });
});
