import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, 'golden');

/** Values of a release, and what `helm template` makes of them. */
export const GOLDEN = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.values.yaml'))
  .map((file) => file.replace('.values.yaml', ''))
  .map((name) => ({ name, file: join(FOLDER, `${name}.values.yaml`), golden: join(FOLDER, `${name}.golden.yaml`) }));
