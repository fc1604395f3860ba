import { documentedBlock } from '../support/documented.ts';

/** Returns the first YAML block of docs/gitops.md that contains all these texts. */
export function documented(...texts: readonly string[]): string {
  return documentedBlock('docs/gitops.md', 'yaml', ...texts);
}
