import type { Label } from '../admission/gateway.ts';
import type { Insertion, Obstacle } from './insertion.ts';
import type { Path } from './objects.ts';

/** A label to be added to the object at a path. */
export interface Addition {
  readonly path: Path;
  readonly label: Label;
}

/** A text that has been read. */
export interface Reading {
  /** As kubectl reads it. */
  readonly value: unknown;
  /** Where in the text a value begins, or the innermost around it that can be found. */
  readonly offsetOf: (path: Path) => number;
  /** Where a label can be inserted, and in which form. */
  readonly place: (addition: Addition) => Insertion | Obstacle;
  /** Whether another text reads as this one with exactly these labels added. */
  readonly becomes: (text: string, additions: readonly Addition[]) => boolean;
}
