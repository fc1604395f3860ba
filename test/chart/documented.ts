import { documentedBlock } from '../support/documented.ts';

/** The first YAML block of docs/gitops.md that has all these texts, as a reader copies it. */
export function documented(...texts: readonly string[]): string {
  return documentedBlock('docs/gitops.md', 'yaml', ...texts);
}
