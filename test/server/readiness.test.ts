import { describe, expect, test } from 'vitest';
import { Readiness } from '../../src/server/readiness.ts';

const NOT_AFTER = new Date('2026-11-23T12:00:00Z');

/** A readiness whose inputs the test changes. */
function readinessOf() {
  const state = {
    draining: false,
    now: new Date('2026-11-22T12:00:00Z'),
    missing: undefined as string | undefined,
    problem: undefined as string | undefined,
    handshakes: 0,
    changes: [] as (string | undefined)[],
  };
  const readiness = new Readiness({
    isDraining: () => state.draining,
    certificateProblem: () => state.missing,
    servableUntil: () => NOT_AFTER,
    handshakeProblem: async () => {
      state.handshakes += 1;
      return state.problem;
    },
    onChange: (reason) => void state.changes.push(reason),
    now: () => state.now,
  });
  return { state, readiness };
}

describe('Readiness', () => {
  test('tries handshakes until one succeeds, and none afterwards', async () => {
    const { state, readiness } = readinessOf();
    state.problem = 'self-signed certificate';
    expect(await readiness.reason()).toBe('a test handshake failed: self-signed certificate');
    state.problem = undefined;
    expect(await readiness.reason()).toBeUndefined();
    state.problem = 'a caBundle that somebody edited';
    expect(await readiness.reason()).toBeUndefined();
    expect(state.handshakes).toBe(2);
  });

  test('is not ready without a certificate', async () => {
    const { state, readiness } = readinessOf();
    state.missing = 'waiting for a CA';
    expect(await readiness.reason()).toBe('waiting for a CA');
    expect(state.handshakes).toBe(0);
  });

  test('logs each change once', async () => {
    const { state, readiness } = readinessOf();
    state.problem = 'expired';
    await readiness.reason();
    await readiness.reason();
    state.problem = undefined;
    await readiness.reason();
    await readiness.reason();
    state.draining = true;
    await readiness.reason();
    expect(state.changes).toEqual(['a test handshake failed: expired', undefined, 'draining']);
  });

  test('logs the first result, even if it is ready immediately', async () => {
    const { state, readiness } = readinessOf();
    await readiness.reason();
    await readiness.reason();
    expect(state.changes).toEqual([undefined]);
  });

  test('is not ready while draining', async () => {
    const { state, readiness } = readinessOf();
    await readiness.reason();
    state.draining = true;
    expect(await readiness.reason()).toBe('draining');
  });

  test('is not ready after the certificate expires, and ready again with a new one', async () => {
    const { state, readiness } = readinessOf();
    await readiness.reason();
    state.now = NOT_AFTER;
    expect(await readiness.reason()).toBe('the serving certificate was usable until 2026-11-23T12:00:00.000Z');
    state.now = new Date(NOT_AFTER.getTime() - 1);
    expect(await readiness.reason()).toBeUndefined();
    expect(state.handshakes).toBe(1);
  });
});
