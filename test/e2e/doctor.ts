import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Check } from '../../src/doctor/check.ts';
import { eventually } from '../cluster/eventually.ts';
import { NAME } from './installation.ts';
import { kubectl } from './program.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

interface Diagnosis {
  readonly result: string;
  readonly checks: readonly Check[];
}

/** Runs doctor from outside of the cluster. */
export function doctor(namespace: string): Promise<Diagnosis> {
  const args = [MAIN, 'doctor', '--namespace', namespace, '--output', 'json'];
  return new Promise((resolve, reject) => {
    // Doctor exits with 1 if it reports a problem.
    execFile(process.execPath, args, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`Cannot run doctor: ${stderr}`, { cause: error }));
      else resolve(JSON.parse(stdout));
    });
  });
}

/** A section of doctor's output: names, statuses and classes. */
export function of(section: string, { checks }: Diagnosis) {
  return checks
    .filter((check) => check.section === section)
    .map(({ name, status, class: fault }) => [name, status, fault]);
}

/** Runs doctor until the cluster has noticed a change. */
export function doctorWhenBroken(namespace: string): Promise<Diagnosis> {
  return eventually('a call that fails', async () => {
    const found = await doctor(namespace);
    return of('call', found).some(([, status]) => status !== 'ok') ? found : undefined;
  });
}

/** Points both Services to another port of the Pods. */
export async function retarget(targetPort: string | number): Promise<void> {
  const patch = [{ op: 'replace', path: '/spec/ports/0/targetPort', value: targetPort }];
  for (const service of [NAME, `${NAME}-twin`]) {
    await kubectl(['patch', 'service', service, '--namespace', NAME, '--type=json', '--patch', JSON.stringify(patch)]);
  }
}
