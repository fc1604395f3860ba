import { expect, test } from 'vitest';
import { filesLike, readPage } from '../support/pages.ts';

/** The first column of a table in docs/troubleshooting.md: what a command prints, with `…` for what differs. */
function symptomsOf(header: string): string[] {
  const { text } = readPage('docs/troubleshooting.md');
  const [, table = ''] = new RegExp(`^\\| ${header} \\|.*\\n\\| ---.*\\n((?:\\|.*\\n)+)`, 'm').exec(text) ?? [];
  return table
    .trimEnd()
    .split('\n')
    .flatMap((row) => [...(row.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, symptom = '']) => symptom));
}

/** The code of a directory, with its string constants in place of their names. */
function codeOf(...directories: readonly string[]): string {
  const labels = { OPT_OUT_LABEL: 'gateway-name-webhook/ignore' };
  const code = filesLike(new RegExp(`^(?:${directories.join('|')})/`))
    .map(({ text }) => text)
    .join('\n');
  return Object.entries(labels).reduce((text, [name, value]) => text.replaceAll(`\${${name}}`, value), code);
}

test.for([
  ['The verdict', ['src/commands/why', 'src/installation']],
  ['`doctor` prints', ['src/doctor', 'src/commands/doctor']],
] as const)('docs/troubleshooting.md: the program prints the symptoms under "%s"', ([header, directories]) => {
  const symptoms = symptomsOf(header);
  expect(symptoms.length).toBeGreaterThan(4);
  const code = codeOf(...directories);
  const unknown = symptoms.filter((symptom) =>
    // A class is printed in brackets.
    symptom.split('…').some((part) => !code.includes(part.trim().replace(/^\[(.*)\]$/, '$1'))),
  );
  expect(unknown).toEqual([]);
});
