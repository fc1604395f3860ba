import { MANAGED_BY, type Reverse } from '../admission/gateway.ts';
import type { WebhookEntry } from './configuration.ts';

/** The value of `rule.reverse` that the chart has made an entry for the owner label with. */
export function reverseOf({ rules = [], objectSelector }: WebhookEntry): Reverse {
  if (rules.length === 0) return 'off';
  return objectSelector.matchExpressions?.some(({ key }) => key === MANAGED_BY.label) ? 'managed' : 'both';
}
