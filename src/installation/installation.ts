import { MANAGED_BY, type Reverse } from '../admission/gateway.ts';
import type { LabelSelector } from '../objects/label-selector.ts';
import { attemptsOf } from './attempts.ts';
import type { WebhookConfiguration, WebhookEntry } from './configuration.ts';
import type { Outcome } from './outcome.ts';
import type { InstalledPolicy } from './policy.ts';

/** A release in a cluster, as far as it can be read. */
export interface Installation {
  /** The name of its objects, the chart's fullname. */
  readonly name: string;
  /** The value is undefined if there is none. */
  readonly configuration: Outcome<WebhookConfiguration | undefined>;
  readonly policies: Outcome<readonly InstalledPolicy[]>;
}

/** What adds labels to new objects. */
export type Engine = 'webhook' | 'policy' | 'both' | 'none';

/** Returns the installed engine; undefined if it cannot be read. */
export function engineOf({ configuration, policies }: Installation): Engine | undefined {
  if (configuration.problem || policies.problem) return undefined;
  if (policies.value.length === 0) return configuration.value ? 'webhook' : 'none';
  return configuration.value ? 'both' : 'policy';
}

/** Returns the value of `rule.reverse` of a release; undefined if nothing readable shows it. */
export function reverseOf({ configuration, policies }: Pick<Installation, 'configuration' | 'policies'>) {
  return reverseOfEntries(configuration.value) ?? reverseOfPolicies(policies.value ?? []);
}

/** The value of `rule.reverse` that a configuration was rendered with. */
function reverseOfEntries(configuration: WebhookConfiguration | undefined): Reverse | undefined {
  const entry = attemptsOf(configuration, 'owner').at(-1);
  return entry && reverseOfEntry(entry);
}

/** The same for one entry of the owner label. */
export function reverseOfEntry({ rules = [], objectSelector }: WebhookEntry): Reverse {
  return rules.length === 0 ? 'off' : reverseOfSelector(objectSelector);
}

function reverseOfPolicies(policies: readonly InstalledPolicy[]): Reverse | undefined {
  const policy = policies.find(({ direction }) => direction === 'owner');
  if (policy) return reverseOfSelector(policy.spec.matchConstraints.objectSelector);
  return policies.length > 0 ? 'off' : undefined;
}

function reverseOfSelector({ matchExpressions = [] }: LabelSelector = {}): Reverse {
  return matchExpressions.some(({ key }) => key === MANAGED_BY.label) ? 'managed' : 'both';
}
