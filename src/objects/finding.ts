import type { Decision } from '../admission/gateway.ts';
import type { StoredObject } from './stored-object.ts';

/** An object of a Gateway and the rule's decision. */
export interface Finding {
  readonly object: StoredObject;
  readonly decision: Decision;
}
