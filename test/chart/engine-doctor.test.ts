import { expect, test } from 'vitest';
import type { Check } from '../../src/doctor/check.ts';
import { runCommand } from '../cluster/command.ts';
import { eventually } from '../cluster/eventually.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { Release } from './helm.ts';
import { describePolicies, newRelease } from './installed.ts';

/** Runs doctor for a release. The returned function gives the status and fault of each check in a section. */
async function diagnose({ name, namespace }: { readonly name: string; readonly namespace: string }) {
  const fullname = `${name}-gateway-name-webhook`;
  const args = ['doctor', '-n', namespace, '--webhook-configuration', fullname, '-o', 'json'];
  const { checks } = JSON.parse((await runCommand(args)).stdout) as { readonly checks: readonly Check[] };
  return (section: string) =>
    checks
      .filter((check) => check.section === section)
      .map(({ name: check, status, class: fault }) => [check.replace(`${fullname}-`, ''), status, fault]);
}

describePolicies('doctor with only policies installed', () => {
  test('tries the policies, and reports a missing binding', async () => {
    const release = await newRelease();
    await using installed = await Release.install(release, { engine: 'policy' });

    const well = await eventually('the policies to take effect', async () => {
      const of = await diagnose(installed.release);
      return of('call').every(([, status]) => status === 'ok') ? of : undefined;
    });
    expect(well('configuration')).toEqual([['present', 'note', undefined]]);
    expect(well('policies')).toEqual([
      ['standard', 'ok', undefined],
      ['owner', 'ok', undefined],
    ]);
    expect([...well('endpoints'), ...well('certificates')]).toEqual([]);
    expect(well('call')).toEqual([
      ['policy-adds-standard', 'ok', undefined],
      ['policy-adds-owner', 'ok', undefined],
    ]);

    await kubectl(['delete', 'mutatingadmissionpolicybinding', `${release.name}-gateway-name-webhook-owner`]);
    const ill = await eventually('the policy without its binding to end', async () => {
      const of = await diagnose(installed.release);
      return of('call').some(([, status]) => status !== 'ok') ? of : undefined;
    });
    expect(ill('policies')).toEqual([
      ['standard', 'ok', undefined],
      ['owner', 'failure', 'missing'],
    ]);
    expect(ill('call')).toEqual([
      ['policy-adds-standard', 'ok', undefined],
      ['policy-adds-owner', 'failure', 'missing'],
    ]);
  });
});
