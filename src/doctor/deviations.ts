import { isDeepStrictEqual } from 'node:util';
import { KINDS, type Kind } from '../admission/gateway.ts';
import type { ClientConfig, MatchCondition, Rule, WebhookEntry } from '../installation/configuration.ts';
import type { Direction } from '../installation/direction.ts';
import { reverseOfEntry } from '../installation/installation.ts';
import { sendingOf } from '../installation/sending.ts';
import { madeConditions, madeSelector, RESOURCES } from './made-entry.ts';

/** A field of an entry that is not as the chart created it. */
export interface Deviation {
  readonly field: keyof WebhookEntry;
  readonly found: unknown;
  readonly expected: string;
  /** Whether objects miss their label because of it, or get a wrong one. */
  readonly isHarmful: boolean;
}

/** Each entry adds to the time that an object waits for a replica that hangs; 10 s is the default of Kubernetes. */
const LONGEST_TIMEOUT_SECONDS = 10;

const PATH = '/mutate';

/** Finds the fields of an entry that are not as the chart created them. All values that the chart allows are accepted. */
export function deviationsOf(entry: WebhookEntry, direction: Direction): Deviation[] {
  const { rules = [], matchConditions = [], objectSelector, clientConfig } = entry;
  const isOff = direction === 'owner' && rules.length === 0;
  const reverse = reverseOfEntry(entry);
  const selector = madeSelector(direction, reverse);
  const conditions = madeConditions(
    direction,
    reverse,
    rules.some(({ operations }) => operations.includes('UPDATE')),
  );

  const deviations: (Deviation | false)[] = [
    !isDeepStrictEqual(sorted(objectSelector), sorted(selector)) && {
      field: 'objectSelector',
      found: objectSelector,
      expected: JSON.stringify(selector),
      isHarmful: true,
    },
    !isOff &&
      !isMadeRule(rules) && {
        field: 'rules',
        found: rules,
        expected: `one rule for CREATE, and optionally UPDATE, of ${RESOURCES.join(', ')}`,
        isHarmful: !KINDS.every((kind) => isSent(entry, kind)),
      },
    !isOff &&
      !isDeepStrictEqual(matchConditions.map(normalized), conditions) && {
        field: 'matchConditions',
        found: matchConditions,
        expected: conditions.length === 0 ? 'none' : JSON.stringify(conditions),
        isHarmful: true,
      },
    pathOf(clientConfig) !== PATH && {
      field: 'clientConfig',
      found: pathOf(clientConfig),
      expected: `path ${PATH}`,
      isHarmful: true,
    },
    !isDeepStrictEqual(entry.admissionReviewVersions, ['v1']) && {
      field: 'admissionReviewVersions',
      found: entry.admissionReviewVersions,
      expected: '["v1"], the only version that the webhook answers',
      // The API server sends the first version that it knows.
      isHarmful: entry.admissionReviewVersions[0] !== 'v1',
    },
    entry.timeoutSeconds > LONGEST_TIMEOUT_SECONDS && {
      field: 'timeoutSeconds',
      found: entry.timeoutSeconds,
      expected: `at most ${LONGEST_TIMEOUT_SECONDS}: objects wait this long for a replica that hangs`,
      isHarmful: false,
    },
    ...unlike(entry, { matchPolicy: 'Equivalent', reinvocationPolicy: 'Never', sideEffects: 'None' }),
  ];
  return deviations.filter((deviation) => deviation !== false);
}

/** Tells whether the rules match the creation of objects of a kind, regardless of selectors. */
function isSent({ name, rules = [] }: WebhookEntry, kind: Kind): boolean {
  return sendingOf({ name, rules }, { kind, namespace: '', labels: {}, namespaceLabels: undefined }).sent !== 'no';
}

function isMadeRule([rule, ...more]: readonly Rule[]): boolean {
  return (
    rule !== undefined &&
    more.length === 0 &&
    isDeepStrictEqual(rule.apiGroups, ['']) &&
    isDeepStrictEqual(rule.apiVersions, ['v1']) &&
    isDeepStrictEqual([...rule.resources].sort(), [...RESOURCES]) &&
    rule.operations.includes('CREATE') &&
    rule.operations.every((operation) => operation === 'CREATE' || operation === 'UPDATE') &&
    rule.scope === 'Namespaced'
  );
}

function unlike(entry: WebhookEntry, made: Partial<WebhookEntry>): Deviation[] {
  return Object.entries(made).flatMap(([key, expected]) => {
    const field = key as keyof WebhookEntry;
    return entry[field] === expected ? [] : [{ field, found: entry[field], expected: `${expected}`, isHarmful: false }];
  });
}

/** The order of requirements does not matter. */
function sorted({ matchLabels = {}, matchExpressions = [] }: WebhookEntry['objectSelector']) {
  const byKey = [...matchExpressions].sort((a, b) => a.key.localeCompare(b.key));
  return { matchLabels, matchExpressions: byKey };
}

/** White space in an expression does not matter. */
function normalized({ name, expression }: MatchCondition): MatchCondition {
  return { name, expression: expression.replaceAll(/\s+/g, ' ').trim() };
}

function pathOf({ service, url }: ClientConfig): string {
  return service ? (service.path ?? '/') : new URL(url).pathname;
}
