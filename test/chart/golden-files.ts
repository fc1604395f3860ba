import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

const FOLDER = join(import.meta.dirname, 'golden');

/** Values of a release, and what `helm template` makes of them. */
export const GOLDEN = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.values.yaml'))
  .map((file) => file.replace('.values.yaml', ''))
  .map((name) => ({ name, file: join(FOLDER, `${name}.values.yaml`), golden: join(FOLDER, `${name}.golden.yaml`) }));

/** Those that can be installed in the tests' cluster: without policies where it serves none. */
export const INSTALLABLE = GOLDEN.filter(({ golden }) => {
  return inject('cluster')?.policyVersion || !readFileSync(golden, 'utf8').includes('kind: MutatingAdmissionPolicy');
});
