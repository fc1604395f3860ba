import { describe, expect, test } from 'vitest';
import { ApiError } from '../../src/kubernetes/api-error.ts';
import { type Listed, listed } from '../../src/kubernetes/listed.ts';

type Answer = { readonly uids: readonly string[] | null; readonly next?: string } | ApiError;

/** Returns these pages, and records the queries. */
function pages(...answers: readonly Answer[]) {
  const left = [...answers];
  const queries: object[] = [];
  const ask = async (query: object) => {
    queries.push(query);
    const answer = left.shift();
    if (!answer) return expect.fail('there are no more pages');
    if (answer instanceof ApiError) throw answer;
    const { uids, next } = answer;
    const metadata = next === undefined ? {} : { continue: next };
    return { metadata, items: uids === null ? null : uids.map((uid) => ({ metadata: { uid } })) };
  };
  return { ask, queries };
}

async function uidsOf(list: AsyncIterable<Listed>): Promise<string[]> {
  const items = await Array.fromAsync(list);
  return items.map(({ metadata }) => metadata.uid);
}

const expired = (continueToken?: string) => new ApiError('expired', 410, { continueToken });

describe('listed()', () => {
  test('yields the items of all pages, 500 at a time', async () => {
    const { ask, queries } = pages({ uids: ['a', 'b'], next: 'n1' }, { uids: [], next: 'n2' }, { uids: ['c'] });
    expect(await uidsOf(listed({ ask }))).toEqual(['a', 'b', 'c']);
    expect(queries).toEqual([{ limit: '500' }, { limit: '500', continue: 'n1' }, { limit: '500', continue: 'n2' }]);
  });

  test('yields nothing for an empty list', async () => {
    for (const uids of [[], null]) expect(await uidsOf(listed({ ask: pages({ uids }).ask }))).toEqual([]);
    expect(await uidsOf(listed({ ask: pages({ uids: ['a'], next: '' }).ask }))).toEqual(['a']);
  });

  test('requests pages of the given size, and none that the caller does not need', async () => {
    const { ask, queries } = pages({ uids: ['a'], next: 'n1' }, { uids: ['b'] });
    const list = listed({ ask, limit: 1 });
    expect((await list.next()).value).toEqual({ metadata: { uid: 'a' } });
    expect(queries).toEqual([{ limit: '1' }]);
    await list.return(undefined);
    expect(queries).toHaveLength(1);
  });

  test('continues with the token of an expired list', async () => {
    const { ask, queries } = pages({ uids: ['a'], next: 'n1' }, expired('n2'), { uids: ['b'] });
    expect(await uidsOf(listed({ ask }))).toEqual(['a', 'b']);
    expect(queries.slice(1)).toEqual([
      { limit: '500', continue: 'n1' },
      { limit: '500', continue: 'n2' },
    ]);
  });

  test('starts again without such a token, and yields nothing twice', async () => {
    const { ask, queries } = pages(
      { uids: ['a', 'b'], next: 'n1' },
      expired(),
      { uids: ['new', 'a'], next: 'n2' },
      { uids: ['b', 'c'] },
    );
    expect(await uidsOf(listed({ ask }))).toEqual(['a', 'b', 'new', 'c']);
    expect(queries).toEqual([
      { limit: '500' },
      { limit: '500', continue: 'n1' },
      { limit: '500' },
      { limit: '500', continue: 'n2' },
    ]);
  });

  test('continues after any number of expirations while there are new items', async () => {
    const rounds = Array.from({ length: 20 }, (_, index) => [{ uids: [`${index}`], next: 'n' }, expired('m')]).flat();
    expect(await uidsOf(listed({ ask: pages(...rounds, { uids: ['last'] }).ask }))).toHaveLength(21);
  });

  test('gives up after six expirations without new items', async () => {
    const round: readonly Answer[] = [{ uids: ['a'], next: 'n' }, expired()];
    const { ask, queries } = pages(...Array.from({ length: 7 }, () => round).flat());
    await expect(uidsOf(listed({ ask }))).rejects.toThrow('expired');
    expect(queries).toHaveLength(12);
  });

  test("rejects with a page's error", async () => {
    const refused = new ApiError('no', 403);
    const { ask } = pages({ uids: ['a'], next: 'n1' }, refused);
    await expect(uidsOf(listed({ ask }))).rejects.toBe(refused);
  });

  test('requests no more pages after an abort, and does not end normally', async () => {
    const controller = new AbortController();
    const { ask, queries } = pages({ uids: ['a', 'b'], next: 'n1' }, { uids: ['c'] });
    const yielded: string[] = [];
    const consumed = (async () => {
      for await (const { metadata } of listed({ ask, signal: controller.signal })) {
        yielded.push(metadata.uid);
        controller.abort(new Error('enough'));
      }
    })();
    await expect(consumed).rejects.toThrow('enough');
    expect([yielded, queries.length]).toEqual([['a', 'b'], 1]);
  });
});
