import { type InstalledPolicy, POLICY_DIRECTIONS, type StoredPolicy } from '../installation/policy.ts';
import type { ApiClient } from './api-client.ts';

const GROUP = '/apis/admissionregistration.k8s.io';

/** Kubernetes 1.34 and 1.35 serve only the second, if at all. Every served version shows every stored object. */
const VERSIONS = ['v1', 'v1beta1'];

interface Binding {
  readonly spec: { readonly policyName: string; readonly matchResources?: object };
}

/**
 * Reads the policies of a release by the name of its objects. Empty when there are none, or when the API server does not
 * serve any: it answers both alike.
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
  for (const version of VERSIONS) {
    const [policy, binding] = await Promise.all([
      client.get<StoredPolicy>({ path: `${GROUP}/${version}/mutatingadmissionpolicies/${name}` }),
      client.get<Binding>({ path: `${GROUP}/${version}/mutatingadmissionpolicybindings/${name}` }),
    ]);
    if (policy) return [{ ...policy, direction, binding: stateOf(binding, name) }];
  }
  return [];
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
