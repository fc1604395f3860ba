import type { Reverse } from '../admission/gateway.ts';
import { ENTRY_NAMES, entryOf, releaseOf, type WebhookConfiguration } from '../installation/configuration.ts';
import type { Direction } from '../installation/direction.ts';
import type { Outcome } from '../installation/outcome.ts';
import { reverseOf } from '../installation/reverse.ts';
import { fieldAt } from '../objects/managed-fields.ts';
import type { Judgement } from './check.ts';
import { type Deviation, deviationsOf } from './deviations.ts';
import { faultOf } from './fault.ts';

export interface ConfigurationReading {
  /** That was asked for. */
  readonly name: string;
  readonly found: Outcome<WebhookConfiguration | undefined>;
  /** What the user says that `rule.reverse` is; undefined: whatever it is. */
  readonly reverse: Reverse | undefined;
  /** Whether policies are installed: without a configuration, they are the engine. */
  readonly hasPolicies: boolean;
}

/** Judges whether the configuration is there and as the chart made it. */
export function judgeConfiguration({ name, found, reverse, hasPolicies }: ConfigurationReading): Judgement[] {
  if (found.problem) {
    const { message } = found.problem;
    return [{ name: 'present', status: 'failure', class: faultOf(found.problem), message }];
  }
  const configuration = found.value;
  if (!configuration && hasPolicies) {
    const message = `there is no MutatingWebhookConfiguration ${name}: policies add the labels, not the webhook`;
    return [{ name: 'present', status: 'note', message }];
  }
  if (!configuration) {
    return [
      {
        name: 'present',
        status: 'failure',
        class: 'missing',
        message: `there is no MutatingWebhookConfiguration ${name}: the webhook is never called`,
        advice:
          'Install the chart, or `helm upgrade` where it was deleted. If it has another name, say --webhook-configuration.',
      },
    ];
  }
  return [
    {
      name: 'present',
      status: 'ok',
      message: `MutatingWebhookConfiguration ${configuration.metadata.name}${from(configuration)}`,
    },
    ...judgeEntry(configuration, 'standard'),
    ...judgeEntry(configuration, 'owner'),
    ...judgeOthers(configuration),
    ...judgeReverse(configuration, reverse),
  ];
}

function from(configuration: WebhookConfiguration): string {
  const release = releaseOf(configuration);
  return release ? `, of the release ${release.name} in ${release.namespace}` : ', of no Helm release';
}

function judgeEntry(configuration: WebhookConfiguration, direction: Direction): Judgement[] {
  const entry = entryOf(configuration, direction);
  const name = ENTRY_NAMES[direction];
  if (!entry) {
    const message = `there is no entry ${name}: nothing gets the ${direction} label`;
    return [{ name, status: 'failure', class: 'missing', message, advice: restore(configuration) }];
  }
  const deviations = deviationsOf(entry, direction);
  if (deviations.length > 0) return deviations.map((deviation) => judgeDeviation(configuration, name, deviation));
  if (direction === 'owner' && reverseOf(entry) === 'off') {
    return [{ name, status: 'ok', message: `${name} has no rules: rule.reverse is off` }];
  }
  const judgements: Judgement[] = [{ name, status: 'ok', message: `${name} is as the chart made it` }];
  if (Object.keys(entry.namespaceSelector).length > 0) {
    const message = `${name} is only for namespaces that ${JSON.stringify(entry.namespaceSelector)} selects`;
    judgements.push({ name: `${name}/namespaceSelector`, status: 'note', message });
  }
  if (entry.failurePolicy === 'Fail') {
    const message = `${name} has failurePolicy Fail: while no replica answers, what lacks the label cannot be created`;
    judgements.push({ name: `${name}/failurePolicy`, status: 'note', message });
  }
  return judgements;
}

function judgeDeviation(
  configuration: WebhookConfiguration,
  entry: string,
  { field, found, expected, isHarmful }: Deviation,
): Judgement {
  const path = ['f:webhooks', `k:${JSON.stringify({ name: entry })}`, `f:${field}`];
  const setters = configuration.metadata.managedFields?.filter(({ fieldsV1 }) => fieldAt(fieldsV1, ...path)) ?? [];
  const last = setters.sort(({ time: a = '' }, { time: b = '' }) => a.localeCompare(b)).at(-1);
  const setBy = last ? `; last set by ${last.manager} at ${last.time}` : '';
  return {
    name: `${entry}/${field}`,
    status: isHarmful ? 'failure' : 'warning',
    class: 'changed',
    message: `${entry}: ${field} is ${JSON.stringify(found)}${setBy}`,
    details: [`expected ${expected}`],
    advice: restore(configuration),
  };
}

/** Entries that the chart does not make. */
function judgeOthers(configuration: WebhookConfiguration): Judgement[] {
  const known = Object.values(ENTRY_NAMES);
  const others = configuration.webhooks?.filter(({ name }) => !known.includes(name)) ?? [];
  return others.map(({ name }) => ({
    name,
    status: 'warning',
    class: 'changed',
    message: `there is an entry ${name}, which the chart does not make`,
    advice: restore(configuration),
  }));
}

function judgeReverse(configuration: WebhookConfiguration, reverse: Reverse | undefined): Judgement[] {
  const entry = entryOf(configuration, 'owner');
  const found = entry && reverseOf(entry);
  if (reverse === undefined || found === undefined || found === reverse) return [];
  return [
    {
      name: 'reverse',
      status: 'warning',
      class: 'changed',
      message: `rule.reverse is ${found} in the cluster, --reverse says ${reverse}`,
      advice: restore(configuration),
    },
  ];
}

function restore(configuration: WebhookConfiguration): string {
  const { name = 'RELEASE', namespace = 'NAMESPACE' } = releaseOf(configuration) ?? {};
  return `\`helm upgrade ${name} CHART -n ${namespace}\` makes it as it was; whoever has changed it must stop.`;
}
