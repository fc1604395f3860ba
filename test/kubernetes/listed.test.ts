import { describe, expect, test } from 'vitest';
import { ApiError } from '../../src/kubernetes/api-error.ts';
import { type Listed, listed } from '../../src/kubernetes/listed.ts';

type Answer = { readonly uids: readonly string[] | null; readonly next?: string } | ApiError;

/** Asks for pages that come one after the other, and keeps the queries. */
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
  test('yields what all pages have, 500 at a time', async () => {
    const { ask, queries } = pages({ uids: ['a', 'b'], next: 'n1' }, { uids: [], next: 'n2' }, { uids: ['c'] });
    expect(await uidsOf(listed({ ask }))).toEqual(['a', 'b', 'c']);
    expect(queries).toEqual([{ limit: '500' }, { limit: '500', continue: 'n1' }, { limit: '500', continue: 'n2' }]);
  });

  test('yields nothing of an empty list', async () => {
    for (const uids of [[], null]) expect(await uidsOf(listed({ ask: pages({ uids }).ask }))).toEqual([]);
    expect(await uidsOf(listed({ ask: pages({ uids: ['a'], next: '' }).ask }))).toEqual(['a']);
  });

  test('asks for pages as large as it is told, and for none that nobody wants', async () => {
    const { ask, queries } = pages({ uids: ['a'], next: 'n1' }, { uids: ['b'] });
    const list = listed({ ask, limit: 1 });
    expect((await list.next()).value).toEqual({ metadata: { uid: 'a' } });
    expect(queries).toEqual([{ limit: '1' }]);
    await list.return(undefined);
    expect(queries).toHaveLength(1);
  });

  test('goes on by the token of an expired list', async () => {
    const { ask, queries } = pages({ uids: ['a'], next: 'n1' }, expired('n2'), { uids: ['b'] });
    expect(await uidsOf(listed({ ask }))).toEqual(['a', 'b']);
    expect(queries.slice(1)).toEqual([
      { limit: '500', continue: 'n1' },
      { limit: '500', continue: 'n2' },
    ]);
  });

  test('starts again where there is no such token, and yields nothing twice', async () => {
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

  test('expires as often as it likes while there is something new', async () => {
    const rounds = Array.from({ length: 20 }, (_, index) => [{ uids: [`${index}`], next: 'n' }, expired('m')]).flat();
    expect(await uidsOf(listed({ ask: pages(...rounds, { uids: ['last'] }).ask }))).toHaveLength(21);
  });

  test('gives up where it expires six times without anything new', async () => {
    const round: readonly Answer[] = [{ uids: ['a'], next: 'n' }, expired()];
    const { ask, queries } = pages(...Array.from({ length: 7 }, () => round).flat());
    await expect(uidsOf(listed({ ask }))).rejects.toThrow('expired');
    expect(queries).toHaveLength(12);
  });

  test('fails with whatever a page fails with', async () => {
    const refused = new ApiError('no', 403);
    const { ask } = pages({ uids: ['a'], next: 'n1' }, refused);
    await expect(uidsOf(listed({ ask }))).rejects.toBe(refused);
  });

  test('asks for no more pages once it is aborted, and does not look complete', async () => {
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
