import { execFile } from 'node:child_process';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from 'vitest';
import { kubeconfig } from '../support/kubeconfig/case.ts';
import { KUBECONFIG_CASES } from '../support/kubeconfig/cases.ts';
import { exec } from '../support/kubeconfig/plugins.ts';
import { ASKING, HAS_TERMINAL, inTerminal } from '../support/kubeconfig/terminal.ts';
import { World } from '../support/kubeconfig/world.ts';
import { describeCluster, test } from './cluster-test.ts';
import { cluster } from './kubectl.ts';

const run = promisify(execFile);

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.recorder.stop());

/** test/kubernetes/kubeconfig/cases.test.ts compares this program with the same table. */
describeCluster('kubectl calls the API server as the table says', () => {
  test.for(KUBECONFIG_CASES)('$name', async (row) => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-kubeconfig-'));
    const { environment, flags } = world.write(directory.path, row);
    const args = ['get', 'serviceaccounts', ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)];
    const env = { ...environment, KUBECACHEDIR: join(directory.path, 'cache') };
    const running = run(join(cluster().assets, 'kubectl'), args, { env });
    running.child.stdin?.end();
    const problem = await running.then(
      () => undefined,
      ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
    );
    const [arrival] = world.arrived();
    const expected = world.expected(row.kubectl);
    if (expected instanceof RegExp) {
      expect(problem).toMatch(expected);
      expect(arrival).toBeUndefined();
    } else {
      expect(problem).toBeUndefined();
      expect(arrival).toEqual(expected);
    }
  });

  test.runIf(HAS_TERMINAL)('an exec plugin can prompt at the terminal of kubectl', async () => {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-kubeconfig-'));
    const user = { exec: exec({ interactiveMode: 'Always' }) };
    const files = { config: kubeconfig({ user }), 'plugin.sh': ASKING };
    const { environment } = world.write(directory.path, { files });
    const env = { ...environment, KUBECACHEDIR: join(directory.path, 'cache') };
    const shown = await inTerminal(`${join(cluster().assets, 'kubectl')} get serviceaccounts`, env, 'as-typed');
    expect(shown.match(/Token, please: /g)).toHaveLength(1);
    expect(world.arrived()[0]).toMatchObject({ authorization: 'Bearer as-typed' });
  });
});
