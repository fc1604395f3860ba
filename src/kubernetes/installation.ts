import type { WebhookConfiguration } from '../installation/configuration.ts';
import type { Installation } from '../installation/installation.ts';
import { outcomeOf } from '../installation/outcome.ts';
import type { InstalledPolicy } from '../installation/policy.ts';
import { CHART_LABEL, DEFAULT_NAME, objectsName, PROVIDED } from '../installation/release-name.ts';
import { SeveralReleases } from '../installation/several-releases.ts';
import { isServed, NoAccess, withRights } from './access.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { policyReleases, readPolicies } from './policies.ts';
import type { Right } from './right.ts';

export interface InstallationQuestion {
  /** Of the MutatingWebhookConfiguration, or of the release's objects; undefined: of whatever is installed. */
  readonly name: string | undefined;
  /** That wants to know it: named where a right is missing. */
  readonly command: string;
}

const PATH = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/**
 * Reads what is installed: the release of this name, or the one that is found by the chart's label. What cannot be read is in
 * the answer. Rejects with a SeveralReleases where it takes a name to tell which one is meant.
 */
export async function readInstallation(client: ApiClient, question: InstallationQuestion): Promise<Installation> {
  return question.name === undefined
    ? findInstallation(client, question.command)
    : namedInstallation(client, question.command, question.name);
}

async function namedInstallation(client: ApiClient, command: string, asked: string): Promise<Installation> {
  const name = objectsName(asked);
  const [configuration, policies] = await Promise.all([
    outcomeOf(allowed(client, command, ['get mutatingwebhookconfigurations'], () => readConfiguration(client, asked))),
    outcomeOf(policiesOf(client, command, name)),
  ]);
  return { name, configuration, policies };
}

/** The configuration of this name, or of that which mode `provided` gives it. */
async function readConfiguration(client: ApiClient, name: string): Promise<WebhookConfiguration | undefined> {
  const stored = await client.get<WebhookConfiguration>({ path: `${PATH}/${name}` });
  if (stored) return stored;
  try {
    return await client.get<WebhookConfiguration>({ path: `${PATH}/${name}${PROVIDED}` });
  } catch (error) {
    // A user who may read the named one, and no other, knows that there is none.
    if (error instanceof ApiError && error.code === 403) return undefined;
    throw error;
  }
}

async function findInstallation(client: ApiClient, command: string): Promise<Installation> {
  const [configurations, policyNames] = await Promise.all([
    outcomeOf(allowed(client, command, ['list mutatingwebhookconfigurations'], () => listConfigurations(client))),
    outcomeOf(ofPolicies(client, command, ['list mutatingadmissionpolicies'], () => policyReleases(client))),
  ]);
  const found = configurations.value ?? [];
  const names = [...new Set([...found.map(nameOf), ...(policyNames.value ?? [])])].sort();
  if (names.length > 1) throw new SeveralReleases(names);
  const [name = DEFAULT_NAME] = names;
  return {
    name,
    configuration: configurations.problem ? configurations : { value: found[0] },
    policies: policyNames.problem
      ? policyNames
      : await outcomeOf(policyNames.value.length === 0 ? Promise.resolve([]) : policiesOf(client, command, name)),
  };
}

function nameOf({ metadata }: WebhookConfiguration): string {
  return objectsName(metadata.name);
}

async function listConfigurations(client: ApiClient): Promise<readonly WebhookConfiguration[]> {
  const request = { path: PATH, query: { labelSelector: CHART_LABEL } };
  return (await client.list<{ readonly items: readonly WebhookConfiguration[] }>(request)).items;
}

function policiesOf(client: ApiClient, command: string, name: string): Promise<readonly InstalledPolicy[]> {
  return ofPolicies(client, command, ['get mutatingadmissionpolicies', 'get mutatingadmissionpolicybindings'], () =>
    readPolicies(client, name),
  );
}

/** An API server that serves no policies forbids them to most users, and nobody could grant them: there are none. */
async function ofPolicies<T>(
  client: ApiClient,
  command: string,
  rights: readonly string[],
  act: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    return await allowed(client, command, rights, act);
  } catch (error) {
    const isForbidden = error instanceof NoAccess || (error instanceof ApiError && error.code === 403);
    if (!isForbidden || (await isServed(client, rightTo('get mutatingadmissionpolicies')).catch(() => true)))
      throw error;
    return [];
  }
}

/** Each right as `verb resource`. */
function allowed<T>(client: ApiClient, command: string, rights: readonly string[], act: () => Promise<T>): Promise<T> {
  return withRights(client, { command, rights: rights.map(rightTo), namespaces: [] }, act);
}

function rightTo(text: string): Right {
  const [verb = '', resource = ''] = text.split(' ');
  return { verb, group: 'admissionregistration.k8s.io', resource, namespaced: false };
}
