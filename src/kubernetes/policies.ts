import { type InstalledPolicy, POLICY_DIRECTIONS, type StoredPolicy } from '../objects/installed-policy.ts';
import type { ApiClient } from './api-client.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';

interface Binding {
  readonly spec: { readonly policyName: string; readonly matchResources?: object };
}

/**
 * Reads the policies of a release by the name that its objects have. Empty when there are none, or when the API server does
 * not serve any: it answers both alike.
 *
 * Policies have no status. Whether one is in effect only a write can show, a second after it was made.
 */
export async function readPolicies(client: ApiClient, fullname: string): Promise<readonly InstalledPolicy[]> {
  const policies = POLICY_DIRECTIONS.map((direction) => readPolicy(client, fullname, direction));
  return (await Promise.all(policies)).flat();
}

async function readPolicy(
  client: ApiClient,
  fullname: string,
  direction: InstalledPolicy['direction'],
): Promise<readonly InstalledPolicy[]> {
  const name = `${fullname}-${direction}`;
  const [policy, binding] = await Promise.all([
    client.get<StoredPolicy>({ path: `${GROUP}/mutatingadmissionpolicies/${name}` }),
    client.get<Binding>({ path: `${GROUP}/mutatingadmissionpolicybindings/${name}` }),
  ]);
  return policy ? [{ ...policy, direction, binding: stateOf(binding, name) }] : [];
}

function stateOf(binding: Binding | undefined, policy: string): InstalledPolicy['binding'] {
  if (!binding) return 'missing';
  if (binding.spec.policyName !== policy) return 'of-another-policy';
  return isNarrowed(binding) ? 'narrowed' : 'whole';
}

/** The API server writes selectors out where there is a `matchResources` at all: empty ones narrow nothing. */
function isNarrowed({ spec: { matchResources = {} } }: Binding): boolean {
  const { matchPolicy, ...selecting } = matchResources as Readonly<Record<string, unknown>>;
  return Object.values(selecting).some((selector) => Object.keys(selector as object).length > 0);
}
