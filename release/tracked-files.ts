import { execFileSync } from 'node:child_process';

/** The paths of all text files that git tracks, from the repository's root. */
export function trackedFiles(): string[] {
  // Everything that a line matches, an empty one too, in files that are not binary.
  return execFileSync('git', ['grep', '-lI', ''], { encoding: 'utf8' }).trimEnd().split('\n');
}
