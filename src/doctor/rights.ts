import { type Right, resourceOf } from '../objects/right.ts';
import type { Judgement } from './check.ts';

/** A permission, what it is for, and where it is needed. */
export interface Need {
  readonly right: Right;
  /** Undefined for all namespaces, or if it does not matter. */
  readonly namespace: string | undefined;
  /** What it is needed to check. */
  readonly what: string;
  /** Without it, the most important checks are skipped. */
  readonly isEssential?: boolean;
}

export type NeedName = keyof ReturnType<typeof needsOf>;

interface Places {
  /** Where the trial creates its object. */
  readonly trial: string;
  /** The namespace of the Service. */
  readonly installation: string;
  /** Whether the user named the release; otherwise it must be searched for. */
  readonly isNamed: boolean;
}

/** The permissions that each check needs. */
export function needsOf({ trial, installation, isNamed }: Places) {
  const everywhere = (resource: string, group = '') => ({
    right: { verb: 'list', group, resource, namespaced: true },
    namespace: undefined,
    what: 'objects',
  });
  const ofCluster = (verb: string, resource: string, what: string) => ({
    right: { verb, group: 'admissionregistration.k8s.io', resource, namespaced: false },
    namespace: undefined,
    what,
  });
  const found = isNamed ? 'get' : 'list';
  const policies = 'the policies';
  const portForward = (verb: string) => ({
    right: { verb, group: '', resource: 'pods', subresource: 'portforward', namespaced: true },
    namespace: installation,
    what: 'the certificates that the Pods serve',
  });
  return {
    configuration: {
      ...ofCluster(found, 'mutatingwebhookconfigurations', 'the webhook configuration'),
      isEssential: true,
    },
    policies: ofCluster(found, 'mutatingadmissionpolicies', policies),
    policyBindings: ofCluster('get', 'mutatingadmissionpolicybindings', policies),
    service: {
      right: { verb: 'get', group: '', resource: 'services', namespaced: true },
      namespace: installation,
      what: 'the Service',
    },
    endpoints: {
      right: { verb: 'list', group: 'discovery.k8s.io', resource: 'endpointslices', namespaced: true },
      namespace: installation,
      what: 'which Pods are ready',
    },
    // A WebSocket begins with a GET, for which `create` is not enough before Kubernetes 1.35, and `get` not since then.
    portForward: portForward('create'),
    portForwardUpgrade: portForward('get'),
    proxy: {
      right: { verb: 'create', group: '', resource: 'services', subresource: 'proxy', namespaced: true },
      namespace: installation,
      what: 'why a call fails',
    },
    trial: {
      right: { verb: 'create', group: '', resource: 'serviceaccounts', namespaced: true },
      namespace: trial,
      what: 'whether a label is added',
      isEssential: true,
    },
    pods: everywhere('pods'),
    services: everywhere('services'),
    serviceAccounts: everywhere('serviceaccounts'),
    budgets: everywhere('poddisruptionbudgets', 'policy'),
  } as const satisfies Record<string, Need>;
}

/** Reports checks that are skipped because of missing permissions, and the commands that grant them. */
export function judgeRights(
  needs: readonly Need[],
  missing: readonly Need[],
  grantCommands: readonly string[],
): Judgement[] {
  if (missing.length === 0)
    return [{ name: 'all', status: 'ok', message: `all ${needs.length} permissions that this requires are granted` }];
  const judgements = missing.map((need): Judgement => {
    const { right, namespace, what, isEssential } = need;
    const where = !right.namespaced ? '' : namespace === undefined ? ' in all namespaces' : ` in ${namespace}`;
    return {
      name: `${right.verb}-${resourceOf(right)}`,
      status: isEssential ? 'warning' : 'skipped',
      class: 'forbidden',
      message: `missing permission to ${right.verb} ${resourceOf(right)}${where}, needed to check ${what}`,
    };
  });
  if (grantCommands.length === 0) return judgements;
  const message = 'ask a cluster admin to run:';
  return [...judgements, { name: 'grant', status: 'note', message, details: grantCommands }];
}
