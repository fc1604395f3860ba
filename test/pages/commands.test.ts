import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { serveForeignKinds } from '../chart/foreign-kinds.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { OWNER, STANDARD } from '../cluster/objects.ts';
import { documentedCommands, isMention } from '../support/documented-commands.ts';
import { expectedOf } from './expected.ts';
import { Node } from './node.ts';
import { NAME, pageObjects } from './objects.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import { STAGES, stageOf } from './stages.ts';

const COMMANDS = documentedCommands()
  .filter(({ line }) => /^(?:gateway-name-webhook|kubectl|helm|--set) /.test(line) && !isMention(line))
  .map((command) => ({ ...command, line: command.line.replaceAll(/\b(?:NAMESPACE|RELEASE|NAME)\b/g, NAME) }));

/** Returns a line with what a machine without a registry, nodes and Services has in place of the page's. */
function reachable(line: string, url: string): string {
  return line
    .replace('oci://ghcr.io/example/charts/gateway-name-webhook', 'charts/gateway-name-webhook')
    .replace(/^--set/, 'helm template gateway-name-webhook charts/gateway-name-webhook --set')
    .replace(/^helm install/, `helm install --set webhook.clientConfig.url=${url}`);
}

/** Undoes what an earlier command has done, where a page has more than one way to do it. */
async function prepare(line: string, sandbox: Sandbox): Promise<void> {
  if (line.startsWith(`helm install ${NAME} `)) await sandbox.run(`helm uninstall ${NAME} --ignore-not-found`, 'helm');
  if (line.startsWith('gateway-name-webhook backfill'))
    await kubectl(['label', 'pods,services,serviceaccounts', '-A', '-l', OWNER, `${STANDARD}-`]);
}

const hasPrograms = inject('cluster')?.hasControllers && inject('helm') && inject('helm3');

describe.skipIf(!hasPrograms)('a command on a page', () => {
  const stack = new AsyncDisposableStack();
  let sandbox: Sandbox;
  let node: Node;

  beforeAll(async () => {
    await serveForeignKinds();
    await kubectl(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: pageObjects() });
    const directory = stack.use(await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-pages-')));
    node = stack.use(await Node.start(NAME));
    sandbox = await createSandbox(directory.path, NAME, node.proxy.kubeconfig);
  });
  afterAll(() => stack.disposeAsync());

  test('has its stage', () => {
    expect(COMMANDS.filter((command) => stageOf(command) === undefined)).toEqual([]);
    const stages = new Set(COMMANDS.map(stageOf));
    expect(STAGES.filter(({ name }) => !stages.has(name))).toEqual([]);
  });

  describe.for(STAGES)('that belongs to stage $name', { timeout: 180_000 }, ({ name, isReadOnly = false }) => {
    const commands = COMMANDS.filter((command) => stageOf(command) === name);
    test.for(commands)('$path: $line', { concurrent: isReadOnly }, async (command, { expect }) => {
      await prepare(command.line, sandbox);
      const { exitCode, stdout, stderr } = expectedOf(command);
      const program = command.comment === 'Helm 3' ? 'helm3' : 'helm';
      const outcome = await sandbox.run(reachable(command.line, node.url), program);
      expect(outcome, `${outcome.stdout}${outcome.stderr}`).toEqual({
        exitCode,
        stdout: expect.stringMatching(stdout),
        stderr: expect.stringMatching(stderr),
      });
    });
  });
});
