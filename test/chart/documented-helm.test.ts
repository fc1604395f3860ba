import { expect } from 'vitest';
import { describeCluster, test } from '../cluster/cluster-test.ts';
import { documentedCommands } from '../support/documented-commands.ts';
import { CHART, SERVED, tryHelm } from './helm.ts';

/** What a template does not take: how a release is written, and what of it stays as it was. */
const OF_RELEASES =
  /^--(wait|create-namespace|reuse-values|reset-then-reuse-values|cascade.*|server-side.*|force-conflicts)$/;

/** The commands that render the chart, as `helm template` takes them. */
const COMMANDS = documentedCommands('helm')
  .filter(
    ({ words: [verb = ''], words }) =>
      /^(install|upgrade|template)$/.test(verb) && words.some((word) => word.endsWith('charts/gateway-name-webhook')),
  )
  .map(({ path, words: [, ...words] }) => ({
    path,
    command: words.join(' '),
    args: words
      .filter((word) => !OF_RELEASES.test(word))
      .map((word) => (word.endsWith('charts/gateway-name-webhook') ? CHART : word)),
  }));

describeCluster('a helm command on a page', () => {
  test('is there', () => {
    expect(COMMANDS.length).toBeGreaterThan(5);
  });

  test.for(COMMANDS)('$path: $command renders', async ({ args }) => {
    // Output that the shell would put into a file.
    const words = args.slice(0, args.includes('>') ? args.indexOf('>') : undefined);
    const isToBeServed = words.some((word) => /^(engine=(policy|both)|--api-versions.*)$/.test(word));
    const { exitCode, stderr } = await tryHelm(['template', ...words, ...(isToBeServed ? SERVED : [])]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
});
