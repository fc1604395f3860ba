import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyBudget } from '../../src/server/body-budget.ts';
import { head, startTestServer } from '../support/server.ts';

/** A budget of 10 bytes and the names of those who have started, in order. */
function budgetOf10() {
  const budget = new BodyBudget(10);
  const started: string[] = [];
  const reserve = (name: string, bytes: number) => budget.reserve(bytes, () => started.push(name));
  return { budget, started, reserve };
}

describe('BodyBudget', () => {
  test('starts at once while there is room', () => {
    const { budget, started, reserve } = budgetOf10();
    reserve('a', 4);
    reserve('b', 6);
    reserve('nothing', 0);
    expect(started).toEqual(['a', 'b', 'nothing']);
    expect(budget.inFlight).toBe(10);
  });

  test('lets who finds it spent wait, and nobody overtake', () => {
    const { budget, started, reserve } = budgetOf10();
    const release = reserve('a', 8);
    reserve('b', 3);
    reserve('c', 1);
    expect(started).toEqual(['a']);
    release();
    expect(started).toEqual(['a', 'b', 'c']);
    expect(budget.inFlight).toBe(4);
  });

  test('takes a release once, also from who still waits', () => {
    const { budget, started, reserve } = budgetOf10();
    const releaseA = reserve('a', 8);
    const releaseB = reserve('b', 8);
    reserve('c', 2);
    releaseB();
    releaseB();
    expect(started).toEqual(['a', 'c']);
    releaseA();
    releaseA();
    expect(budget.inFlight).toBe(2);
  });

  test('never exceeds its limit, and starts everybody in order, whatever the order of releases', () => {
    const steps = fc.array(fc.record({ bytes: fc.nat(10), release: fc.option(fc.nat(20), { nil: undefined }) }));
    fc.assert(
      fc.property(steps, (all) => {
        const { budget, started, reserve } = budgetOf10();
        const releases: (() => void)[] = [];
        for (const [index, { bytes, release }] of all.entries()) {
          releases.push(reserve(String(index), bytes));
          if (release !== undefined) releases[release]?.();
          expect(budget.inFlight).toBeLessThanOrEqual(10);
        }
        for (const release of releases) release();
        expect(budget.inFlight).toBe(0);
        expect(started).toEqual(started.toSorted((a, b) => Number(a) - Number(b)));
      }),
    );
  });
});

describe('the server', () => {
  const body = '{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}}';
  const request = head('Content-Type: application/json', `Content-Length: ${body.length}`);

  test('does not read a body before there is room for it', async () => {
    const budget = new BodyBudget(100);
    const { open, samples } = await startTestServer({ budget });
    const release = budget.reserve(100, () => {});
    const socket = await open();
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk;
    });
    socket.write(request + body);
    const second = await open();
    second.write('GET /mutate HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await new Promise((resolve) => second.once('data', resolve)); // Answered, though the first came before it.
    expect(said).toBe('');
    expect(await samples('gateway_name_webhook_body_bytes_in_flight')).toEqual([' 100']);

    release();
    await expect.poll(() => said).toMatch(/^HTTP\/1\.1 200 OK/);
    await expect.poll(() => budget.inFlight).toBe(0);
  });

  test('forgets who leaves while waiting', async () => {
    const budget = new BodyBudget(100);
    const { open, post } = await startTestServer({ budget });
    const release = budget.reserve(100, () => {});
    const socket = await open();
    socket.write(request);
    socket.destroy();
    const posted = post(body);
    release();
    expect(await posted).toBe(200);
    await expect.poll(() => budget.inFlight).toBe(0);
  });
});
