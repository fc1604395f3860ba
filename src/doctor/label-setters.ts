import { LABEL_MANAGER, managersOf } from '../objects/managed-fields.ts';
import type { StoredMetadata } from '../objects/stored-object.ts';

/** Tells whether somebody else has set a label. Then, and only then, the object has it without us. */
export function isSetByOthers(metadata: StoredMetadata, label: string): boolean {
  // Set by hand, it is on this object, and not on the next one that is made.
  return managersOf(metadata, label).some(({ manager }) => manager !== LABEL_MANAGER && !manager.startsWith('kubectl'));
}
