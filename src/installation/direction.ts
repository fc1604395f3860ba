import { GATEWAY_LABELS } from '../admission/gateway.ts';

/** The label to add; the chart has one or more entries, or a policy, for each. */
export const DIRECTIONS = ['standard', 'owner'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** The label that the objects of an entry have, and the one that they are missing. */
export function labelsOf(direction: Direction): { readonly has: string; readonly lacks: string } {
  const { standard, owner } = GATEWAY_LABELS;
  return direction === 'standard' ? { has: owner, lacks: standard } : { has: standard, lacks: owner };
}
