import type { Label } from './gateway.ts';

/** The one JSON Patch operation (RFC 6902) this project ever writes. */
export interface AddOperation {
  readonly op: 'add';
  readonly path: string;
  readonly value: string;
}

/**
 * Returns the JSON Patch that adds a label to an object which has at least one label already.
 *
 * Never a `test` operation: the API server refuses the user's object when a patch does not apply, even under
 * `failurePolicy: Ignore`. For the same reason `metadata.labels` must exist: it does where a label was copied from it.
 */
export function addLabel({ key, value }: Label): readonly [AddOperation] {
  return [{ op: 'add', path: `/metadata/labels/${escapeToken(key)}`, value }];
}

/** Escapes one reference token of a JSON Pointer (RFC 6901, section 3): `~` first, or it would escape its own output. */
function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
