import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { TIMING } from '../../src/certificates/timing.ts';
import { describeCluster } from './cluster-test.ts';
import { eventually } from './eventually.ts';
import { Load } from './load.ts';
import type { Replica } from './replica.ts';
import { Installation } from './self-installation.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const YEAR_MS = 365 * 24 * HOUR_MS;

/** The program's timing with shorter waits. */
const SOON = { ...TIMING, propagationMs: 3 * SECOND_MS, pollMs: SECOND_MS };

const OFF =
  /^not ready: the clock is .* (ahead of|behind) the API server's, .*: correct the clock of the node \(NTP\)\n$/;

const CLOCKS = [
  { name: '3 h behind', wrongByMs: -3 * HOUR_MS, text: 'the clock is 3 h behind ' },
  { name: 'a day ahead', wrongByMs: 24 * HOUR_MS, text: 'the clock is 1 d ahead of ' },
];
const FAR_BEHIND = { name: '20 years behind', wrongByMs: -20 * YEAR_MS, text: 'the clock is 7300 d behind ' };

describeCluster('in the mode self, a replica with a clock that is', () => {
  test.for([...CLOCKS, FAR_BEHIND])(
    '$name creates no CA, and starts once the clock is correct',
    async ({ wrongByMs, text }) => {
      await using installation = await Installation.create();
      const odd = await installation.start({ timing: SOON, clock: { wrongByMs, isWrong: true } });
      await untilOff(odd, text);
      await somePolls();
      expect([await installation.storedCAs(), await installation.caBundles()]).toEqual([[], ['', '']]);
      expect(odd.lines('the clock is wrong, not writing anything')).toHaveLength(1);
      expect(Math.abs((await odd.metric('clock_ahead_seconds')) - wrongByMs / SECOND_MS)).toBeLessThan(10);

      odd.turnClock();
      await odd.untilReady();
      await installation.untilMutated();
      expect(await installation.storedCAs()).toMatchObject([{ state: 'active' }]);
      expect(await odd.metric('clock_ahead_seconds')).toBe(0);
    },
  );

  test.for(CLOCKS)(
    '$name leaves all writes to other replicas, and becomes ready once the clock is correct',
    async ({ wrongByMs, text }) => {
      await using installation = await Installation.create();
      const [right] = await installation.startReady(1, { timing: SOON });
      const before = [await installation.secret(), await installation.caBundles()];
      const odd = await installation.start({ timing: SOON, clock: { wrongByMs, isWrong: true } });
      await untilOff(odd, text);
      await somePolls();
      expect([await installation.secret(), await installation.caBundles()]).toEqual(before);

      // The replica with the correct clock repairs the caBundle.
      await installation.overwriteBundles([undefined, '']);
      await eventually('the repair', async () => {
        return JSON.stringify(await installation.caBundles()) === JSON.stringify(before[1]) || undefined;
      });
      expect(odd.lines('wrote the caBundle')).toEqual([]);
      expect(right?.lapses).toEqual([]);

      odd.turnClock();
      await odd.untilReady();
      expect(await installation.verify(odd, (await installation.caBundles())[0] ?? '')).toBeUndefined();
      expect(await installation.secret()).toEqual(before[0]);
    },
  );

  test.for(CLOCKS)(
    '$name from some moment on is not ready until it is correct again; no call fails',
    async ({ wrongByMs, text }) => {
      await using installation = await Installation.create();
      await installation.startReady(1, { timing: SOON });
      const [jumping] = await installation.startReady(1, { timing: SOON, clock: { wrongByMs, isWrong: false } });
      if (!jumping) throw new Error('There is no second replica');
      const before = [await installation.secret(), await installation.caBundles()];
      const failOpens = await installation.failOpens();
      const load = new Load(installation);

      jumping.turnClock();
      await untilOff(jumping, text);
      await load.next(20);
      jumping.turnClock();
      await jumping.untilReady();
      await load.next(20);
      expect(await load.stop()).toMatchObject({ missed: [] });
      expect(await installation.failOpens()).toBe(failOpens);
      expect([await installation.secret(), await installation.caBundles()]).toEqual(before);
      expect(jumping.lines('the clock agrees with the API server again')).toHaveLength(1);
    },
  );
});

async function untilOff(replica: Replica, text: string): Promise<void> {
  const readiness = await eventually('the clock to be found wrong', async () => {
    const answer = await replica.readiness();
    return answer !== undefined && OFF.test(answer) ? answer : undefined;
  });
  expect(readiness).toContain(text);
}

/** Gives each replica time to poll a few times. */
function somePolls(): Promise<void> {
  return delay(3 * SOON.pollMs);
}
