import { managersOf } from '../objects/managed-fields.ts';
import type { StoredMetadata } from '../objects/stored-object.ts';

/** By which this program writes. What its webhook adds has no manager at all. */
const OURS = 'gateway-name-webhook';

/** Tells whether somebody else has set a label. Then, and only then, the object has it without us. */
export function isSetByOthers(metadata: StoredMetadata, label: string): boolean {
  // Set by hand, it is on this object, and not on the next one that is made.
  return managersOf(metadata, label).some(({ manager }) => manager !== OURS && !manager.startsWith('kubectl'));
}
