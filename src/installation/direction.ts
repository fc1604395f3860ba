import { GATEWAY_LABELS } from '../admission/gateway.ts';

/** Which label an entry adds. */
export type Direction = 'standard' | 'owner';

/** Which label the objects of an entry have, and which they lack. */
export function labelsOf(direction: Direction): { readonly has: string; readonly lacks: string } {
  const { standard, owner } = GATEWAY_LABELS;
  return direction === 'standard' ? { has: owner, lacks: standard } : { has: standard, lacks: owner };
}
