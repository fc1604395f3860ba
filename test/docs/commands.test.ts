import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { documentedCommands, wordsOf } from '../support/documented-commands.ts';
import { COMMANDS, helpOf } from '../support/help.ts';
import { pages, withoutBlocks } from '../support/pages.ts';
import { NOT_RUN, RUN_BY } from './elsewhere.ts';

const SCRIPTS: Readonly<Record<string, string>> = JSON.parse(readFileSync('package.json', 'utf8')).scripts;
const LINES = documentedCommands();

/** npm's own commands beside `npm run`. */
const OF_NPM = ['ci', 'start', 'test'];

/** The parts of a line that run scripts of package.json or files of the tests. */
function unknownScripts(line: string): string[] {
  return line.split(' && ').filter((part) => {
    const [program = '', verb = '', ...rest] = wordsOf(part);
    if (program === 'npm') return verb === 'run' ? !(String(rest[0]) in SCRIPTS) : !OF_NPM.includes(verb);
    if (program === 'npx') return verb !== 'vitest' || !existsSync(String(rest.at(-1)));
    return true;
  });
}

describe('a command on a page', () => {
  test.for(LINES)('$path: a test runs `$line`, or one list says why not', ({ line }) => {
    const listed = [...NOT_RUN, ...RUN_BY].filter(({ pattern }) => pattern.test(line));
    expect(listed.length > 0 ? [] : unknownScripts(line)).toEqual([]);
  });

  test.for(LINES.filter(({ line }) => /npm run|test\//.test(line)))('$path: what `$line` names exists', ({ line }) => {
    const scripts = [...line.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, script = '']) => script);
    const files = line.match(/\btest\/\S+/g) ?? [];
    expect(scripts.filter((script) => !(script in SCRIPTS))).toEqual([]);
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });

  test.for(NOT_RUN)('is there, for $pattern in the list of those that are not run', ({ pattern }) => {
    expect(LINES.some(({ line }) => pattern.test(line))).toBe(true);
  });

  test.for(RUN_BY)('of $pattern has its test in $file', ({ pattern, file }) => {
    expect([LINES.some(({ line }) => pattern.test(line)), existsSync(file)]).toEqual([true, true]);
  });
});

/** Commands of the program in sentences that leave out its name: `certs rotate --distrust-old`. */
const NAMED = pages()
  .filter(({ path }) => path !== 'CHANGELOG.md')
  .flatMap(({ path, text }) =>
    [...withoutBlocks(text).matchAll(/`([a-z]+(?: [a-z]+)? -[^`\n]+)`/g)].map(([, line = '']) => ({ path, line })),
  )
  .map(({ path, line }) => ({ path, line, name: COMMANDS.findLast((name) => line.startsWith(`${name} `)) }))
  .filter(({ name }) => name !== undefined);

describe('the help of the program', () => {
  test('is compared with sentences', () => {
    expect(NAMED.length).toBeGreaterThan(5);
  });

  test.for(NAMED)('has the flags of `$line` in $path', async ({ line, name = '' }) => {
    const help = await helpOf(name);
    const flags = wordsOf(line).filter((word) => /^--?[a-z]/i.test(word));
    const unknown = flags.filter(
      (flag) => !new RegExp(`(^|[\\s,])${flag.replace(/=.*/, '')}([\\s,<[]|$)`, 'm').test(help),
    );
    expect(unknown).toEqual([]);
  });
});
