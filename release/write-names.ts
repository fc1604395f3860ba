import { readFile, writeFile } from 'node:fs/promises';
import { OWNER, withOwner } from './names.ts';
import { trackedFiles } from './tracked-files.ts';

// Addresses must be literal in files that people and programs read directly, such as values.yaml and the docs.
for (const path of trackedFiles()) {
  const text = await readFile(path, 'utf8');
  const named = withOwner(text, OWNER);
  if (named === text) continue;
  await writeFile(path, named);
  console.log(path);
}
