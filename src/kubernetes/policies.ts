import { DIRECTIONS } from '../installation/direction.ts';
import type { Binding, InstalledPolicy, StoredPolicy } from '../installation/policy.ts';
import { CHART_LABEL } from '../installation/release-name.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';

const GROUP = '/apis/admissionregistration.k8s.io';

/** Kubernetes 1.34 and 1.35 serve only the second one, if any. Every served version returns all stored objects. */
const VERSIONS = ['v1', 'v1beta1'];

interface StoredBinding {
  readonly spec: { readonly policyName: string; readonly matchResources?: object };
}

/** The object names of all releases with policies. Empty if the API server does not serve policies. */
export async function policyReleases(client: ApiClient): Promise<readonly string[]> {
  for (const version of VERSIONS) {
    const request = { path: `${GROUP}/${version}/mutatingadmissionpolicies`, query: { labelSelector: CHART_LABEL } };
    try {
      const { items } = await client.list<{ readonly items: readonly StoredPolicy[] }>(request);
      return items.map(({ metadata }) => metadata.name.replace(/-(?:standard|owner)$/, ''));
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }
  return [];
}

/**
 * Reads the policies of a release by the name of its objects. Empty if there are none, or if the API server does not serve
 * policies: it answers the same.
 *
 * Policies have no status. Only a write shows whether one is in effect, about a second after it is created.
 */
export async function readPolicies(client: ApiClient, fullname: string): Promise<readonly InstalledPolicy[]> {
  const policies = DIRECTIONS.map((direction) => readPolicy(client, fullname, direction));
  return (await Promise.all(policies)).flat();
}

async function readPolicy(
  client: ApiClient,
  fullname: string,
  direction: InstalledPolicy['direction'],
): Promise<readonly InstalledPolicy[]> {
  const name = `${fullname}-${direction}`;
  for (const version of VERSIONS) {
    const [policy, binding] = await Promise.all([
      client.get<StoredPolicy>({ path: `${GROUP}/${version}/mutatingadmissionpolicies/${name}` }),
      client.get<StoredBinding>({ path: `${GROUP}/${version}/mutatingadmissionpolicybindings/${name}` }),
    ]);
    if (policy) return [{ ...policy, direction, binding: stateOf(binding, name) }];
  }
  return [];
}

function stateOf(binding: StoredBinding | undefined, policy: string): Binding {
  if (!binding) return 'missing';
  if (binding.spec.policyName !== policy) return 'of-another-policy';
  return isNarrowed(binding) ? 'narrowed' : 'whole';
}

/** If there is a `matchResources`, the API server adds default selectors to it; empty ones do not narrow anything. */
function isNarrowed({ spec: { matchResources = {} } }: StoredBinding): boolean {
  const { matchPolicy, ...selecting } = matchResources as Readonly<Record<string, unknown>>;
  return Object.values(selecting).some((selector) => Object.keys(selector as object).length > 0);
}
