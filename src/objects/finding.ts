import type { Decision, Reason } from '../admission/gateway.ts';
import type { StoredObject } from './stored-object.ts';

/** An object of a Gateway and what the rule says of it. */
export interface Finding {
  readonly object: StoredObject;
  readonly decision: Decision;
}

/** What is wrong with an object when it is for one of these reasons; all others are as they should be, or left alone. */
const WRONG: ReadonlySet<Reason> = new Set(['added-standard', 'added-owner', 'conflict', 'invalid-value']);

/** Tells whether an object lacks a label that it should have, or has two that contradict each other or one that is none. */
export function isWrong({ decision }: Finding): boolean {
  return WRONG.has(decision.reason);
}
