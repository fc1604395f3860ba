import { expect } from 'vitest';
import { documentedCommands } from '../support/documented-commands.ts';
import { describeCluster, test } from './cluster-test.ts';
import { tryKubectl } from './kubectl.ts';

/** Examples of names, for the placeholders of pages. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/NAMESPACE/g, 'default'],
  [/RELEASE/g, 'gateway-name-webhook'],
  [/NAME/g, 'eg'],
];

/** Of an object that is not there, a kind that this cluster does not have, or a permission: kubectl has understood the command. */
const UNDERSTOOD = /not found|doesn't have a resource type|no objects passed|required resource not specified|forbidden/;

/** What would change something. */
const WRITES = ['annotate', 'apply', 'create', 'delete', 'patch'];

const COMMANDS = documentedCommands('kubectl')
  .map(({ path, words }) => ({
    path,
    words: words.map((word) => NAMES.reduce((text, [pattern, name]) => text.replaceAll(pattern, name), word)),
  }))
  // A command in a sentence may be named by its first words alone.
  .filter(({ words }) => words.length > 2 && words[0] !== 'gateway-name');

describeCluster('a kubectl command on a page', () => {
  test.for(COMMANDS.map(({ path, words }) => ({ path, words, command: words.join(' ') })))(
    '$path: $command is understood',
    async ({ words }) => {
      const isHarmless =
        !WRITES.includes(String(words[0])) || words.includes('--dry-run=server') || words.includes('--local');
      const args = [...words.filter((word) => word !== '--follow'), ...(isHarmless ? [] : ['--dry-run=server'])];
      const { exitCode, stderr } = await tryKubectl(args, { apiVersion: 'v1', kind: 'List', items: [] });
      expect({ words, failure: exitCode !== 0 && !UNDERSTOOD.test(stderr) ? stderr : '' }).toEqual({
        words,
        failure: '',
      });
    },
  );
});
