import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { commandsOf } from '../help.ts';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

describe('npm run help', () => {
  test('prints the commands of the table, without Markdown', () => {
    const page = [
      '| command | what it does |',
      '| --- | --- |',
      '| `npm test` | run `vitest`: see [Tests](#tests) |',
      '| `npm run a`, `npm run b` | run the other two |',
      '| `E2E_VALUES` | a variable, not a command |',
      'Text of `npm run c`.',
    ].join('\n');
    expect(commandsOf(page)).toBe(
      '  npm test              run vitest: see Tests\n  npm run a, npm run b  run the other two\n',
    );
  });

  test('describes every script in package.json', () => {
    const printed = commandsOf(read('CONTRIBUTING.md'));
    // npm runs `prepare` itself, and the description of `check` lists its parts.
    const [, parts = ''] = /^ *npm run check +((?:.*\n {10})*.*)/m.exec(printed) ?? [];
    const missing = Object.keys(JSON.parse(read('package.json')).scripts).filter(
      (name) => !/^(prepare|help)$/.test(name) && !new RegExp(`npm (run )?${name}(?![\\w:])`).test(printed),
    );
    expect(missing.filter((name) => !new RegExp(`\\b${name}\\b`).test(parts))).toEqual([]);
  });
});
