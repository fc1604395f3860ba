import type { WebhookConfiguration } from '../installation/configuration.ts';
import type { Installation } from '../installation/installation.ts';
import { outcomeOf } from '../installation/outcome.ts';
import type { InstalledPolicy } from '../installation/policy.ts';
import { CHART_LABEL, DEFAULT_NAME, objectsName, PROVIDED } from '../installation/release-name.ts';
import { SeveralReleases } from '../installation/several-releases.ts';
import type { Right } from '../objects/right.ts';
import { isServed, NoAccess, withRights } from './access.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { policyReleases, readPolicies } from './policies.ts';
import type { Retry } from './retrying.ts';

export interface InstallationQuestion {
  /** The name of the MutatingWebhookConfiguration, or of the release's objects; undefined to find what is installed. */
  readonly name: string | undefined;
  /** The command that asks, for messages about missing permissions. */
  readonly command: string;
  /** Retries temporary failures; without it, there are no retries. */
  readonly retry?: Retry;
}

const PATH = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/**
 * Reads what is installed: the named release, or the one found by the chart's label. Read errors are part of the result. Rejects
 * with a SeveralReleases if there are several.
 */
export async function readInstallation(client: ApiClient, question: InstallationQuestion): Promise<Installation> {
  const { name, command, retry = (call) => call() } = question;
  const reader = { client, command, retry };
  return name === undefined ? findInstallation(reader) : namedInstallation(reader, name);
}

interface Reader {
  readonly client: ApiClient;
  readonly command: string;
  readonly retry: Retry;
}

async function namedInstallation(reader: Reader, asked: string): Promise<Installation> {
  const name = objectsName(asked);
  const [configuration, policies] = await Promise.all([
    outcomeOf(allowed(reader, ['get mutatingwebhookconfigurations'], (client) => readConfiguration(client, asked))),
    outcomeOf(policiesOf(reader, name)),
  ]);
  return { name, configuration, policies };
}

/** The configuration of this name, or the one with the suffix of mode `provided`. */
async function readConfiguration(client: ApiClient, name: string): Promise<WebhookConfiguration | undefined> {
  const stored = await client.get<WebhookConfiguration>({ path: `${PATH}/${name}` });
  if (stored) return stored;
  try {
    return await client.get<WebhookConfiguration>({ path: `${PATH}/${name}${PROVIDED}` });
  } catch (error) {
    // The user may only read the named one, which does not exist.
    if (error instanceof ApiError && error.code === 403) return undefined;
    throw error;
  }
}

async function findInstallation(reader: Reader): Promise<Installation> {
  const [configurations, policyNames] = await Promise.all([
    outcomeOf(allowed(reader, ['list mutatingwebhookconfigurations'], listConfigurations)),
    outcomeOf(ofPolicies(reader, ['list mutatingadmissionpolicies'], policyReleases)),
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
      : await outcomeOf(policyNames.value.length === 0 ? Promise.resolve([]) : policiesOf(reader, name)),
  };
}

function nameOf({ metadata }: WebhookConfiguration): string {
  return objectsName(metadata.name);
}

async function listConfigurations(client: ApiClient): Promise<readonly WebhookConfiguration[]> {
  const request = { path: PATH, query: { labelSelector: CHART_LABEL } };
  return (await client.list<{ readonly items: readonly WebhookConfiguration[] }>(request)).items;
}

function policiesOf(reader: Reader, name: string): Promise<readonly InstalledPolicy[]> {
  const rights = ['get mutatingadmissionpolicies', 'get mutatingadmissionpolicybindings'];
  return ofPolicies(reader, rights, (client) => readPolicies(client, name));
}

/** If policies are not served, there are none. For most users, the API server then answers 403, whatever is granted. */
async function ofPolicies<T>(
  reader: Reader,
  rights: readonly string[],
  read: (client: ApiClient) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  try {
    return await allowed(reader, rights, read);
  } catch (error) {
    const isForbidden = error instanceof NoAccess || (error instanceof ApiError && error.code === 403);
    const right = rightTo('get mutatingadmissionpolicies');
    if (!isForbidden || (await isServed(reader.client, right).catch(() => true))) throw error;
    return [];
  }
}

/** Each right as `verb resource`. */
function allowed<T>(
  { client, command, retry }: Reader,
  rights: readonly string[],
  read: (client: ApiClient) => Promise<T>,
): Promise<T> {
  const needed = { command, rights: rights.map(rightTo), namespaces: [] };
  return withRights(client, needed, () => retry(() => read(client)));
}

function rightTo(text: string): Right {
  const [verb = '', resource = ''] = text.split(' ');
  return { verb, group: 'admissionregistration.k8s.io', resource, namespaced: false };
}
