import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

const DIRECTORY = join(import.meta.dirname, 'golden');

/** The values of each golden file, and the output of `helm template` for them. */
export const GOLDEN = readdirSync(DIRECTORY)
  .filter((file) => file.endsWith('.values.yaml'))
  .map((file) => file.replace('.values.yaml', ''))
  .map((name) => ({
    name,
    file: join(DIRECTORY, `${name}.values.yaml`),
    golden: join(DIRECTORY, `${name}.golden.yaml`),
  }));

/** The golden files that can be installed in the tests' cluster: if it serves no policies, the files without policies. */
export const INSTALLABLE = GOLDEN.filter(({ golden }) => {
  return inject('cluster')?.policyVersion || !readFileSync(golden, 'utf8').includes('kind: MutatingAdmissionPolicy');
});
