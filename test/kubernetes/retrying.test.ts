import { describe, expect, test } from 'vitest';
import { ApiError } from '../../src/kubernetes/api-error.ts';
import { type RetryOptions, retrying } from '../../src/kubernetes/retrying.ts';

/** A call that fails with each of these errors in turn, and then succeeds. */
function failing(...errors: readonly Error[]) {
  const left = [...errors];
  const counted = { calls: 0 };
  const call = async () => {
    counted.calls += 1;
    const error = left.shift();
    if (error) throw error;
    return 'done';
  };
  return { call, counted };
}

const error = (code: number | undefined, retryAfterMs?: number) => new ApiError(`code ${code}`, code, { retryAfterMs });

const ANSWERED = { hasAnswered: true };

/** Retries without pauses; `waits` collects the pauses. */
function instantly(client = ANSWERED, options: RetryOptions = {}) {
  const waits: number[] = [];
  const wait = async (ms: number) => {
    waits.push(ms);
  };
  return { retry: retrying(client, { wait, ...options }), waits };
}

describe('retrying()', () => {
  test('calls once if the call succeeds', async () => {
    const { retry, waits } = instantly();
    const { call, counted } = failing();
    expect(await retry(call)).toBe('done');
    expect([counted.calls, waits]).toEqual([1, []]);
  });

  test.for([undefined, 429, 500, 502, 503, 504])('retries after %s', async (code) => {
    const { retry, waits } = instantly();
    const { call, counted } = failing(error(code), error(code));
    expect(await retry(call)).toBe('done');
    expect([counted.calls, waits.length]).toEqual([3, 2]);
  });

  test.for([200, 400, 401, 403, 404, 409, 410, 413, 422, 501])('does not retry after %i', async (code) => {
    const { retry, waits } = instantly();
    const refused = error(code);
    const { call, counted } = failing(refused);
    await expect(retry(call)).rejects.toBe(refused);
    expect([counted.calls, waits]).toEqual([1, []]);
  });

  test('does not retry after a bug of this program', async () => {
    const { retry } = instantly();
    const { call, counted } = failing(new Error('a mistake'));
    await expect(retry(call)).rejects.toThrow('a mistake');
    expect(counted.calls).toBe(1);
  });

  test('gives up after ten calls, with the last error', async () => {
    const { retry, waits } = instantly();
    const errors = Array.from({ length: 11 }, () => error(503));
    const { call, counted } = failing(...errors);
    await expect(retry(call)).rejects.toBe(errors[9]);
    expect([counted.calls, waits.length]).toEqual([10, 9]);
  });

  test('fails immediately if the API server has never answered', async () => {
    const client = { hasAnswered: false };
    const { retry, waits } = instantly(client);
    const { call, counted } = failing(error(undefined), error(500), error(undefined));
    await expect(retry(call)).rejects.toThrow('code undefined');
    expect([counted.calls, waits]).toEqual([1, []]);

    client.hasAnswered = true;
    expect(await retry(call)).toBe('done');
    expect(counted.calls).toBe(4);
  });

  test('doubles the pause each time, up to 10 s, half of it at random', async () => {
    const { retry, waits } = instantly();
    await expect(retry(failing(...Array.from({ length: 10 }, () => error(503))).call)).rejects.toThrow();
    const longest = [250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000];
    expect(waits.map((ms, index) => ms >= (longest[index] ?? 0) / 2 && ms <= (longest[index] ?? 0))).toEqual(
      longest.map(() => true),
    );

    const first = [];
    for (let round = 0; round < 20; round += 1) {
      const again = instantly();
      await again.retry(failing(error(503)).call);
      first.push(...again.waits);
    }
    expect(new Set(first).size).toBeGreaterThan(15);
  });

  test.for([
    { retryAfterMs: 0, from: 125, to: 250 },
    { retryAfterMs: 3_000, from: 3_125, to: 3_250 },
    { retryAfterMs: 3_600_000, from: 30_125, to: 30_250 },
  ])(
    'waits $retryAfterMs ms as told by Retry-After, at most 30 s, and a bit more',
    async ({ retryAfterMs, from, to }) => {
      const { retry, waits } = instantly();
      await retry(failing(error(429, retryAfterMs)).call);
      expect(waits).toEqual([expect.toSatisfy((ms: number) => ms >= from && ms <= to)]);
    },
  );

  test('does not retry after an abort, before or during a pause', async () => {
    for (const abortAfterMs of [0, 50]) {
      const controller = new AbortController();
      const retry = retrying(ANSWERED, { signal: controller.signal });
      const { call, counted } = failing(error(429, 20_000));
      const failed = retry(call);
      if (abortAfterMs === 0) controller.abort();
      else setTimeout(() => controller.abort(), abortAfterMs);
      await expect(failed).rejects.toThrow('code 429');
      expect(counted.calls).toBe(1);
    }
  });

  test('returns the result of the call in flight after an abort', async () => {
    const controller = new AbortController();
    const retry = retrying(ANSWERED, { signal: controller.signal });
    const written = retry(async () => {
      controller.abort();
      return 'written';
    });
    expect(await written).toBe('written');
  });

  test('waits in real time by default', async () => {
    const before = performance.now();
    expect(await retrying(ANSWERED, {})(failing(error(503)).call)).toBe('done');
    expect(performance.now() - before).toBeGreaterThan(120);
  });
});
