import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import tty from 'node:tty';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ApiClient } from '../../../src/kubernetes/api-client.ts';
import { kubeconfig } from '../../support/kubeconfig/case.ts';
import { exec, RETURNS_INPUT, V1 } from '../../support/kubeconfig/plugins.ts';
import { World } from '../../support/kubeconfig/world.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterEach(() => void world.arrived());
afterAll(() => world.recorder.stop());

/** Returns `token-1`, `token-2` and so on, with the duration in the file `lifetime`. */
const COUNTING = `#!/bin/sh
cd "$(dirname "$0")"
echo run >> runs
n=$(wc -l < runs)
sleep "$(cat seconds)"
printf '{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
  "status": {"token": "token-%d"%s}}' "$n" "$(cat more)"
`;

interface Told {
  /** The duration of the plugin. */
  readonly seconds?: string;
  /** More JSON fields for the status. */
  readonly more?: string;
  readonly timeoutMs?: number;
}

function pluginOf({ seconds = '0', more = '', timeoutMs }: Told = {}) {
  const directory = temporaryDirectory();
  const files = { config: kubeconfig({ user: { exec: exec() } }), 'plugin.sh': COUNTING, seconds, more };
  const { environment } = world.write(directory, { files });
  const client = new ApiClient({}, environment, timeoutMs);
  return {
    directory,
    list: () => client.list({ path: '/api/v1/namespaces/default/serviceaccounts' }),
    runs: () => (existsSync(join(directory, 'runs')) ? readFileSync(join(directory, 'runs'), 'utf8').length / 4 : 0),
    tokens: () => world.arrived().map(({ authorization }) => authorization),
  };
}

const refuse = (...tokens: readonly string[]) => {
  for (const token of tokens) world.recorder.refused.add(token);
  onTestFinished(() => world.recorder.refused.clear());
};

describe('an exec plugin', () => {
  test('runs on the first call, once for parallel and later calls', async () => {
    const { list, runs, tokens } = pluginOf({ seconds: '0.1' });
    expect(runs()).toBe(0);
    await Promise.all([list(), list(), list()]);
    await list();
    expect([runs(), tokens()]).toEqual([1, Array(4).fill('Bearer token-1')]);
  });

  test('may take longer than the timeout of a call', async () => {
    const { list } = pluginOf({ seconds: '0.7', timeoutMs: 500 });
    expect(await list()).toMatchObject({ kind: 'ServiceAccountList' });
  });

  test('runs again once for parallel calls with rejected credentials', async () => {
    const { list, runs, tokens } = pluginOf();
    refuse('token-1');
    await Promise.all([list(), list(), list()]);
    expect(runs()).toBe(2);
    expect(tokens().sort()).toEqual([...Array(3).fill('Bearer token-1'), ...Array(3).fill('Bearer token-2')]);
  });

  test('runs at most twice per call', async () => {
    const { list, runs } = pluginOf();
    refuse('token-1', 'token-2');
    await expect(list()).rejects.toMatchObject({ code: 401 });
    expect(runs()).toBe(2);
    world.arrived();
    await list();
    expect(world.arrived().map(({ authorization }) => authorization)).toEqual(['Bearer token-2', 'Bearer token-3']);
  });

  test('runs again when its credentials expire', async () => {
    const now = new Date('2026-11-28T12:00:00Z');
    vi.useFakeTimers({ toFake: ['Date'], now });
    onTestFinished(() => void vi.useRealTimers());
    const expirationTimestamp = new Date(now.getTime() + 60_000).toISOString();
    const { list, runs, tokens } = pluginOf({ more: `, "expirationTimestamp": "${expirationTimestamp}"` });
    await list();
    vi.setSystemTime(now.getTime() + 59_999);
    await list();
    expect(runs()).toBe(1);
    vi.setSystemTime(now.getTime() + 60_000);
    await Promise.all([list(), list()]);
    expect([runs(), tokens()]).toEqual([2, ['Bearer token-1', 'Bearer token-1', 'Bearer token-2', 'Bearer token-2']]);
  });

  test('runs again on the next call after a failure, but not before', async () => {
    const { list, directory, runs } = pluginOf({ more: 'bad' });
    await expect(Promise.all([list(), list()])).rejects.toMatchObject({ name: 'ApiError', code: 401 });
    expect(runs()).toBe(1);
    writeFileSync(join(directory, 'more'), '');
    await list();
    expect(runs()).toBe(2);
  });

  test('learns whether there is a terminal', async () => {
    const isatty = vi.spyOn(tty, 'isatty').mockReturnValue(true);
    onTestFinished(() => isatty.mockRestore());
    const directory = temporaryDirectory();
    const modes = { Never: false, IfAvailable: true, Always: true };
    for (const [interactiveMode, interactive] of Object.entries(modes)) {
      const user = { exec: exec({ args: [V1], interactiveMode }) };
      const { environment } = world.write(directory, {
        files: { config: kubeconfig({ user }), 'plugin.sh': RETURNS_INPUT },
      });
      await new ApiClient({}, environment).list({ path: '/api/v1/namespaces/default/serviceaccounts' });
      expect(world.arrived()[0]?.authorization).toContain(`"spec":{"interactive":${interactive}}`);
    }
    expect(isatty).toHaveBeenCalledWith(0);
  });

  test('reports the signal that killed it', async () => {
    const directory = temporaryDirectory();
    const files = { config: kubeconfig({ user: { exec: exec() } }), 'plugin.sh': '#!/bin/sh\nkill -9 $$\n' };
    const { environment } = world.write(directory, { files });
    await expect(new ApiClient({}, environment).get({ path: '/a' })).rejects.toThrow(/plugin\.sh failed with SIGKILL$/);
  });

  test('has an install hint that cannot send control sequences to the terminal', async () => {
    const directory = temporaryDirectory();
    const installHint = 'brew\ninstall\t\u001b[31mgrün\u0007';
    const files = { config: kubeconfig({ user: { exec: exec({ command: 'no-such-plugin', installHint }) } }) };
    const { environment } = world.write(directory, { files });
    await expect(new ApiClient({}, environment).get({ path: '/a' })).rejects.toThrow(
      'cannot find the exec plugin no-such-plugin\n\nbrew\ninstall\t[31mgrün',
    );
  });
});
