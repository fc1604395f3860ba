import type { LiveReview } from './live-review.ts';

/** Says what set a label on an existing object, if that is on record. */
export function laterLabel({ object, labels }: Pick<LiveReview, 'object' | 'labels'>): string | undefined {
  for (const { key, setBy } of labels) {
    const [later] = setBy.filter(
      ({ hasSetLabelsOnly, time }) => hasSetLabelsOnly && time > object.metadata.creationTimestamp,
    );
    if (later)
      return `${later.manager} set ${key} at ${later.time}, after the object was created; labels are only added on creation`;
  }
  return undefined;
}
