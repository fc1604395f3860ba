import { execFileSync } from 'node:child_process';

/** The paths of all text files that git tracks, from the repository's root. */
export function trackedFiles(): string[] {
  // Lists every file that is not binary, because the pattern matches every line.
  return execFileSync('git', ['grep', '-lI', ''], { encoding: 'utf8' }).trimEnd().split('\n');
}
