import { GATEWAY_LABELS } from '../admission/gateway.ts';

/** Which label is added: by an entry, or a policy, of which the chart has one or more for each. */
export const DIRECTIONS = ['standard', 'owner'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Which label the objects of an entry have, and which they lack. */
export function labelsOf(direction: Direction): { readonly has: string; readonly lacks: string } {
  const { standard, owner } = GATEWAY_LABELS;
  return direction === 'standard' ? { has: owner, lacks: standard } : { has: standard, lacks: owner };
}
