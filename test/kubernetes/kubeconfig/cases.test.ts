import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../../../src/kubernetes/api-client.ts';
import { kubeconfig } from '../../support/kubeconfig/case.ts';
import { KUBECONFIG_CASES } from '../../support/kubeconfig/cases.ts';
import { exec } from '../../support/kubeconfig/plugins.ts';
import { ASKING, HAS_TERMINAL, inTerminal } from '../../support/kubeconfig/terminal.ts';
import { World } from '../../support/kubeconfig/world.ts';
import { program } from '../../support/program.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.recorder.stop());

/** Runs the command line in a new process, which has the variables from its start. */
async function listByProcess(environment: Readonly<Record<string, string>>): Promise<void> {
  const running = spawn(...program(['list']), { env: environment, stdio: 'ignore' });
  await once(running, 'exit');
}

/** test/cluster/kubeconfig.test.ts checks kubectl with the same cases. */
describe('ApiClient sends the same request as kubectl, or documents the difference', () => {
  test.for(KUBECONFIG_CASES)('$name', async (row) => {
    const { environment, flags } = world.write(temporaryDirectory(), row);
    const { 'as-group': asGroup, ...others } = flags;
    const list = async () => {
      if (row.ofProcess) return listByProcess(environment);
      const client = new ApiClient({ ...others, ...(asGroup && { asGroup: [asGroup] }) }, environment);
      await client.list({ path: `/api/v1/namespaces/${client.namespace}/serviceaccounts` });
    };
    const problem = await list().catch((error: Error) => error);
    const [arrival] = world.arrived();
    const expected = world.expected(row.ours ?? row.kubectl);
    if (expected instanceof RegExp) {
      expect(problem).toMatchObject({ name: 'ApiError', message: expect.stringMatching(expected) });
      expect(arrival).toBeUndefined();
    } else {
      expect(problem).toBeUndefined();
      expect(arrival).toEqual(expected);
    }
  });
});

test.runIf(HAS_TERMINAL)("an exec plugin prompts on the command's terminal", async () => {
  const user = { exec: exec({ interactiveMode: 'Always' }) };
  const files = { config: kubeconfig({ user }), 'plugin.sh': ASKING };
  const { environment } = world.write(temporaryDirectory(), { files });
  const shown = await inTerminal(program(['list']).flat().join(' '), environment, 'as-typed');
  expect(shown.match(/Token, please: /g)).toHaveLength(1);
  expect(world.arrived()[0]).toMatchObject({ authorization: 'Bearer as-typed' });
});
