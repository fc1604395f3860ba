import { MANAGED_BY, type Reverse } from '../admission/gateway.ts';
import type { LabelSelector } from '../objects/label-selector.ts';
import { attemptsOf } from './attempts.ts';
import type { WebhookConfiguration, WebhookEntry } from './configuration.ts';
import type { Outcome } from './outcome.ts';
import type { InstalledPolicy } from './policy.ts';

/** A release as it is found in a cluster, as far as it can be read. */
export interface Installation {
  /** Of its objects: what the chart calls the fullname. */
  readonly name: string;
  /** Its value is undefined where there is none. */
  readonly configuration: Outcome<WebhookConfiguration | undefined>;
  readonly policies: Outcome<readonly InstalledPolicy[]>;
}

/** What labels new objects. */
export type Engine = 'webhook' | 'policy' | 'both' | 'none';

/** Returns what labels new objects; undefined where that cannot be read. */
export function engineOf({ configuration, policies }: Installation): Engine | undefined {
  if (configuration.problem || policies.problem) return undefined;
  if (policies.value.length === 0) return configuration.value ? 'webhook' : 'none';
  return configuration.value ? 'both' : 'policy';
}

/** Returns the value of `rule.reverse` of a release; undefined where nothing that can be read has it. */
export function reverseOf({ configuration, policies }: Pick<Installation, 'configuration' | 'policies'>) {
  return reverseOfEntries(configuration.value) ?? reverseOfPolicies(policies.value ?? []);
}

/** The value of `rule.reverse` that the chart has made a configuration with. */
function reverseOfEntries(configuration: WebhookConfiguration | undefined): Reverse | undefined {
  const entry = attemptsOf(configuration, 'owner').at(-1);
  return entry && reverseOfEntry(entry);
}

/** The same of one entry for the owner label. */
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
