import { describe, expect, test } from 'vitest';
import { run } from '../../../src/commands/program.ts';
import { testContext } from '../../support/context.ts';
import { MemoryObjectStore } from '../../support/memory-object-store.ts';
import { startStoreApi } from '../../support/store-api.ts';

async function cli(...args: readonly string[]) {
  const { context, written } = testContext();
  const exitCode = await run(args, context);
  return { exitCode, ...written };
}

describe.for(['audit', 'backfill', 'list'])('%s', (command) => {
  test.for([
    { where: 'before the command', argsOf: (flags: readonly string[]) => [...flags, command] },
    { where: 'after the command', argsOf: (flags: readonly string[]) => [command, ...flags] },
  ])('accepts the flags of kubectl $where', async ({ argsOf }) => {
    const api = await startStoreApi(new MemoryObjectStore());
    const kubeconfig = process.env['KUBECONFIG'] ?? expect.fail();
    process.env['KUBECONFIG'] = '/none';
    const flags = ['--kubeconfig', kubeconfig, '--context=second', '--as', 'jane', '--as-group=g', '--as-group', 'h'];
    const { exitCode, stderr } = await cli(...argsOf([...flags, '-n', 'a', '-l', 'b=c']));
    expect([exitCode, stderr.includes('error')]).toEqual([0, false]);
    for (const { headers, path } of api.requests) {
      expect(headers).toMatchObject({ 'impersonate-user': 'jane', 'impersonate-group': 'g, h' });
      expect(path).toMatch(/^\/other\/apis?\/.*(\/namespaces\/a\/|\/mutating\w+$)/);
    }
    const lists = api.requests.filter(
      ({ path, query }) => /pods$|services$|serviceaccounts$/.test(path) && query['labelSelector'],
    );
    expect(lists.filter(({ query }) => query['labelSelector']?.endsWith(',b=c'))).not.toEqual([]);
  });
});

describe('--request-timeout', () => {
  test.for([
    { text: '100ms', says: /no answer within 0\.1 s/ },
    { text: '0.1', says: /no answer within 0\.1 s/ },
  ])('limits each request: $text', async ({ text, says }) => {
    await startStoreApi(new MemoryObjectStore(), { refuse: () => new Promise(() => {}) });
    const { exitCode, stderr } = await cli('list', '-A', '--request-timeout', text);
    expect([exitCode, stderr]).toEqual([2, expect.stringMatching(says)]);
  });

  test('is unlimited with 0', async () => {
    await startStoreApi(new MemoryObjectStore());
    expect(await cli('list', '-A', '--request-timeout', '0')).toMatchObject({ exitCode: 0 });
  });

  test.for(['', '-1', 'soon', '1000h'])('refuses "%s"', async (text) => {
    const { exitCode, stderr } = await cli('list', '-A', '--request-timeout', text);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Expected a duration such as 30s.')]);
  });
});
