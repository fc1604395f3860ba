import type { Reverse } from '../admission/gateway.ts';
import { attemptsOf, directionOf, entryName } from '../installation/attempts.ts';
import { releaseOf, type WebhookConfiguration, type WebhookEntry } from '../installation/configuration.ts';
import { DIRECTIONS, type Direction } from '../installation/direction.ts';
import { type Installation, reverseOf, reverseOfEntry } from '../installation/installation.ts';
import type { Judgement } from './check.ts';
import { faultOf } from './fault.ts';
import { type ForeignField, foreignFields } from './foreign-fields.ts';
import { mismatchesOf } from './mismatches.ts';

interface ConfigurationQuestion extends Installation {
  /** The value of `rule.reverse` that the user expects; undefined if any. */
  readonly reverse: Reverse | undefined;
}

/** Judges whether the configuration exists and is as it was installed. Without one, policies may be the engine. */
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
  return attempts.flatMap((entry) => judgeEntry(configuration, entry, { direction, isLast: entry === last }));
}

interface Place {
  readonly direction: Direction;
  /** Whether the entry is the last attempt of its direction. */
  readonly isLast: boolean;
}

function judgeEntry(
  configuration: WebhookConfiguration,
  entry: WebhookEntry,
  { direction, isLast }: Place,
): Judgement[] {
  const { name } = entry;
  if (direction === 'owner' && reverseOfEntry(entry) === 'off') {
    return [{ name, status: 'ok', message: `${name} has no rules: rule.reverse is off` }];
  }
  const foreign = foreignFields(configuration.metadata.managedFields, name);
  const mismatches = mismatchesOf(entry, direction).map((mismatch): FieldFault => ({ ...mismatch, status: 'failure' }));
  const judged = ['namespaceSelector', ...mismatches.map(({ field }) => field)];
  const changes = foreign
    .filter(({ field }) => !judged.includes(field))
    .map(({ field }): FieldFault => ({ field, text: shownField(entry, field), status: 'warning' }));
  const amiss = [...mismatches, ...changes].map((fault) => judgeField(configuration, name, fault, foreign));
  return [
    ...(amiss.length > 0 ? amiss : [{ name, status: 'ok', message: `${name} is as it was installed` } as const]),
    ...judgeChoices(entry, isLast, foreign),
  ];
}

/** Some settings are worth a note. They may be those of the cloud provider: AKS adds its namespaces to every namespaceSelector. */
function judgeChoices(
  { name, namespaceSelector, failurePolicy }: WebhookEntry,
  isLast: boolean,
  foreign: readonly ForeignField[],
): Judgement[] {
  const judgements: Judgement[] = [];
  const by = setBy(foreign, 'namespaceSelector');
  if (by !== '' || Object.keys(namespaceSelector).length > 0) {
    const message = `${name} only applies to namespaces that match ${JSON.stringify(namespaceSelector)}${by}`;
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

/** What is wrong with a field, or its value after a change, whose effect is checked in the section call. */
interface FieldFault extends Pick<Judgement, 'status'> {
  readonly field: string;
  readonly text: string;
}

function judgeField(
  configuration: WebhookConfiguration,
  entry: string,
  { field, text, status }: FieldFault,
  foreign: readonly ForeignField[],
): Judgement {
  const message = `${entry}: ${text}${setBy(foreign, field)}`;
  return { name: `${entry}/${field}`, status, class: 'changed', message, advice: restore(configuration) };
}

function shownField({ clientConfig, ...entry }: WebhookEntry, field: string): string {
  const { caBundle, ...called } = clientConfig;
  const value = { ...entry, clientConfig: called }[field as keyof WebhookEntry];
  return `${field} is ${JSON.stringify(value)}`;
}

function setBy(foreign: readonly ForeignField[], field: string): string {
  const setter = foreign.find((one) => one.field === field);
  return setter ? `, set by ${setter.manager} at ${setter.time}` : '';
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
