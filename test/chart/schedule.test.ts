import { describe, expect, inject, test } from 'vitest';
import { tryKubectl } from '../cluster/kubectl.ts';
import { renderObjects } from './helm.ts';
import { describeInstalled } from './installed.ts';

const VALID = [
  ...['* * * * *', '*/10 * * * *', '0 3 * * *', '59 23 31 12 6', '00 03 01 01 00', '0-30/5,45 1,2-4 ? jan-MAR Mon,fri'],
  ...['0\t3  * * *', '5/15 * * * *', '@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'],
];
const INVALID = [
  ...['hourly', '@Hourly', '@hour', '* * * *', '* * * * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * 32 * *'],
  ...['* * * 13 *', '* * * 0 *', '* * * * 7', '* * * * monday', '*/0 * * * *', '*/ * * * *', '1- * * * *'],
  ...['-1 * * * *', '* * * foo *', 'TZ=UTC * * * * *', 'CRON_TZ=UTC 0 3 * * *'],
];

/** Schedules that the API server accepts but does not document. */
const UNDOCUMENTED = ['@every 1h', ', * * * *', ' * * * * *', '*/10 * * * *\n'];

const scheduled = (schedule: string) => renderObjects({ heal: { schedule } });

describe.skipIf(inject('helm') === null)('heal.schedule', () => {
  test.for(VALID)('can be %j', async (schedule) => {
    const [cronJob] = (await scheduled(schedule)).filter(({ kind }) => kind === 'CronJob');
    expect(cronJob).toMatchObject({ spec: { schedule } });
  });

  test.for([...INVALID, ...UNDOCUMENTED])('cannot be %j', async (schedule) => {
    await expect(scheduled(schedule)).rejects.toThrow(/heal\.schedule is ".*": must be a cron schedule/);
  });
});

describeInstalled('the API server', () => {
  test('accepts the same schedules and undocumented ones', async () => {
    const [cronJob] = (await scheduled('@hourly')).filter(({ kind }) => kind === 'CronJob');
    const accepts = async (schedule: string) => {
      const object = { ...cronJob, metadata: { name: 'heal', namespace: 'default' } };
      const spec = { ...(object as { readonly spec?: object }).spec, schedule };
      return (await tryKubectl(['create', '--dry-run=server', '-f', '-'], { ...object, spec })).exitCode === 0;
    };
    const accepted = [];
    for (const schedule of [...VALID, ...INVALID, ...UNDOCUMENTED])
      if (await accepts(schedule)) accepted.push(schedule);
    expect(accepted).toEqual([...VALID, ...UNDOCUMENTED]);
  });
});
