import { MANAGED_BY, OPT_OUT_LABEL, type Reverse } from '../admission/gateway.ts';
import type { MatchCondition } from '../installation/configuration.ts';
import { type Direction, labelsOf } from '../installation/direction.ts';
import type { LabelSelector } from '../objects/label-selector.ts';

/** The resources of the kinds that get labels. */
export const RESOURCES = ['pods', 'serviceaccounts', 'services'] as const;

/** The objectSelector that the chart renders. */
export function madeSelector(direction: Direction, reverse: Reverse): LabelSelector {
  const { has, lacks } = labelsOf(direction);
  return {
    matchExpressions: [
      { key: has, operator: 'Exists' },
      { key: lacks, operator: 'DoesNotExist' },
      { key: OPT_OUT_LABEL, operator: 'DoesNotExist' },
      ...(isManaged(direction, reverse) ? [{ key: MANAGED_BY.label, operator: 'In', values: [MANAGED_BY.value] }] : []),
    ],
  };
}

/** The matchConditions that the chart renders: for UPDATE, because a selector matches if either the old or new object does. */
export function madeConditions(direction: Direction, reverse: Reverse, isForUpdate: boolean): MatchCondition[] {
  if (!isForUpdate) return [];
  const { has, lacks } = labelsOf(direction);
  const lacksLabel = [
    'has(object.metadata.labels)',
    `'${has}' in object.metadata.labels`,
    `!('${lacks}' in object.metadata.labels)`,
    `!('${OPT_OUT_LABEL}' in object.metadata.labels)`,
    ...(isManaged(direction, reverse)
      ? [
          `'${MANAGED_BY.label}' in object.metadata.labels`,
          `object.metadata.labels['${MANAGED_BY.label}'] == '${MANAGED_BY.value}'`,
        ]
      : []),
  ];
  return [
    { name: 'object-lacks-the-label', expression: lacksLabel.join(' && ') },
    { name: 'object-is-not-being-deleted', expression: '!has(object.metadata.deletionTimestamp)' },
    {
      name: 'object-is-no-mirror-pod',
      expression:
        "!has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)",
    },
  ];
}

function isManaged(direction: Direction, reverse: Reverse): boolean {
  return direction === 'owner' && reverse === 'managed';
}
