import type { Reverse } from '../admission/gateway.ts';
import { attemptsOf, directionOf, entryName } from '../installation/attempts.ts';
import { releaseOf, type WebhookConfiguration, type WebhookEntry } from '../installation/configuration.ts';
import { DIRECTIONS, type Direction } from '../installation/direction.ts';
import { type Installation, reverseOf, reverseOfEntry } from '../installation/installation.ts';
import { fieldAt } from '../objects/managed-fields.ts';
import type { Judgement } from './check.ts';
import { type Deviation, deviationsOf } from './deviations.ts';
import { faultOf } from './fault.ts';

interface ConfigurationQuestion extends Installation {
  /** The value of `rule.reverse` that the user expects; undefined if any. */
  readonly reverse: Reverse | undefined;
}

/** Judges whether the configuration exists and is as the chart created it. Without one, policies may be the engine. */
export function judgeConfiguration({
  name,
  configuration: found,
  policies,
  reverse,
}: ConfigurationQuestion): Judgement[] {
  if (found.problem) {
    const { message } = found.problem;
    return [{ name: 'present', status: 'failure', class: faultOf(found.problem), message }];
  }
  const configuration = found.value;
  if (!configuration) return [judgeAbsence(name, policies)];
  return [
    {
      name: 'present',
      status: 'ok',
      message: `MutatingWebhookConfiguration ${configuration.metadata.name}${from(configuration)}`,
    },
    ...DIRECTIONS.flatMap((direction) => judgeDirection(configuration, direction)),
    ...judgeOthers(configuration),
    ...judgeReverse(configuration, reverse),
  ];
}

function judgeAbsence(name: string, policies: Installation['policies']): Judgement {
  const message = `MutatingWebhookConfiguration ${name} not found`;
  if (policies.problem) {
    return {
      name: 'present',
      status: 'skipped',
      message: `${message}, and cannot read whether policies are installed`,
    };
  }
  if (policies.value.length > 0) {
    return { name: 'present', status: 'note', message: `${message}: policies add the labels, not the webhook` };
  }
  return {
    name: 'present',
    status: 'failure',
    class: 'missing',
    message: `${message}: the webhook is never called`,
    advice:
      'Install the chart, or run `helm upgrade` to restore it. If it has another name, set --webhook-configuration.',
  };
}

function from(configuration: WebhookConfiguration): string {
  const release = releaseOf(configuration);
  return release ? `, from the release ${release.name} in ${release.namespace}` : ', not from a Helm release';
}

function judgeDirection(configuration: WebhookConfiguration, direction: Direction): Judgement[] {
  const attempts = attemptsOf(configuration, direction);
  if (attempts.length === 0) {
    const name = entryName(direction);
    const message = `entry ${name} is missing, so no object gets the ${direction} label`;
    return [{ name, status: 'failure', class: 'missing', message, advice: restore(configuration) }];
  }
  const last = attempts.at(-1);
  return attempts.flatMap((entry) => {
    const deviations = deviationsOf(entry, direction);
    if (deviations.length > 0) return deviations.map((one) => judgeDeviation(configuration, entry.name, one));
    return judgeMade(entry, direction, entry === last);
  });
}

/** An entry as the chart created it: some settings are worth a note. */
function judgeMade(entry: WebhookEntry, direction: Direction, isLast: boolean): Judgement[] {
  const { name, namespaceSelector, failurePolicy } = entry;
  if (direction === 'owner' && reverseOfEntry(entry) === 'off') {
    return [{ name, status: 'ok', message: `${name} has no rules: rule.reverse is off` }];
  }
  const judgements: Judgement[] = [{ name, status: 'ok', message: `${name} is as the chart created it` }];
  if (Object.keys(namespaceSelector).length > 0) {
    const message = `${name} only applies to namespaces that match ${JSON.stringify(namespaceSelector)}`;
    judgements.push({ name: `${name}/namespaceSelector`, status: 'note', message });
  }
  if (failurePolicy === 'Fail') judgements.push(judgeFail(name, isLast));
  return judgements;
}

/** Only the last attempt may fail an object. */
function judgeFail(entry: string, isLast: boolean): Judgement {
  const name = `${entry}/failurePolicy`;
  if (isLast) {
    const message = `${entry} has failurePolicy Fail: while no replica answers, objects that are missing the label cannot be created`;
    return { name, status: 'note', message };
  }
  const message = `${entry} has failurePolicy Fail: if a call fails, the remaining attempts are not made`;
  return { name, status: 'warning', class: 'changed', message };
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

/** Entries that the chart did not create. */
function judgeOthers(configuration: WebhookConfiguration): Judgement[] {
  const others = configuration.webhooks?.filter(({ name }) => directionOf(name) === undefined) ?? [];
  return others.map(({ name }) => ({
    name,
    status: 'warning',
    class: 'changed',
    message: `entry ${name} was not created by the chart`,
    advice: restore(configuration),
  }));
}

function judgeReverse(configuration: WebhookConfiguration, reverse: Reverse | undefined): Judgement[] {
  const found = reverseOf({ configuration: { value: configuration }, policies: { value: [] } });
  if (reverse === undefined || found === undefined || found === reverse) return [];
  return [
    {
      name: 'reverse',
      status: 'warning',
      class: 'changed',
      message: `rule.reverse is ${found} in the cluster, but --reverse is ${reverse}`,
      advice: restore(configuration),
    },
  ];
}

function restore(configuration: WebhookConfiguration): string {
  const { name = 'RELEASE', namespace = 'NAMESPACE' } = releaseOf(configuration) ?? {};
  return `Run \`helm upgrade ${name} CHART -n ${namespace}\` to restore it, and stop whatever changed it.`;
}
