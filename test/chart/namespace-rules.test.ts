import { beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually } from '../cluster/eventually.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { objectsOf, Release, type ReleaseName, render, type Values } from './helm.ts';
import { newRelease } from './installed.ts';
import { podsOf } from './pod-templates.ts';
import { assignUserIds, UID_RANGE } from './user-id-range.ts';

const HEAL = { schedule: '@hourly' };
const RESOURCES = { requests: { cpu: '40m', memory: '128Mi' }, limits: { cpu: '1', memory: '384Mi' } };

const CPU_QUOTA = {
  kind: 'ResourceQuota',
  spec: { hard: { 'requests.cpu': '8', 'limits.cpu': '8', 'requests.memory': '8Gi', 'limits.memory': '8Gi' } },
};
const CPU_DEFAULT = { kind: 'LimitRange', spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } };

interface Rules {
  readonly what: string;
  /** The labels of the namespace. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Objects that exist in the namespace before the release. */
  readonly rules?: readonly { readonly kind: string; readonly spec: object }[];
  readonly values: Values;
}

const REFUSED: readonly (Rules & { readonly says: RegExp })[] = [
  {
    what: 'a quota of limits.cpu',
    rules: [CPU_QUOTA],
    values: {},
    says: /is forbidden: failed quota: rule: must specify limits\.cpu for: webhook$/,
  },
  {
    what: 'user IDs of its own, as on OpenShift',
    labels: UID_RANGE,
    values: {},
    says: /is forbidden: .* denied request: user and group ids must be those of the namespace$/,
  },
  {
    what: 'no quota for the priority class (GKE)',
    values: { priorityClassName: 'system-cluster-critical' },
    says: /^insufficient quota to match these scopes: \[\{PriorityClass In \[.*system-cluster-critical\]\}\]$/,
  },
];

const ACCEPTED: readonly Rules[] = [
  {
    what: 'a quota of limits.cpu, with limits',
    rules: [CPU_QUOTA],
    values: { resources: RESOURCES, heal: { ...HEAL, resources: RESOURCES } },
  },
  { what: 'a quota of limits.cpu and a LimitRange', rules: [CPU_QUOTA, CPU_DEFAULT], values: { heal: HEAL } },
  {
    what: 'user IDs of its own, without runAsUser',
    labels: UID_RANGE,
    values: { runAsUser: '', heal: HEAL },
  },
  {
    what: "the chart's quota for the priority class",
    labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    values: { priorityClassName: 'system-cluster-critical', priorityClassQuota: true, heal: HEAL },
  },
];

const hasControllers = inject('helm') !== null && inject('cluster')?.hasControllers === true;

describe.skipIf(!hasControllers).concurrent('in a namespace with', () => {
  beforeAll(assignUserIds);

  test.for(REFUSED)('$what, no Pod is created, and the Deployment reports why', async ({ values, says, ...rules }) => {
    const release = await namespaceWith(rules);
    await using _installed = await Release.install(release, values);
    const failure = await eventually('the Deployment to report why', async () => {
      const { conditions = [] } = await statusOf(release);
      return conditions.find(({ type }) => type === 'ReplicaFailure')?.message;
    });
    expect(failure).toMatch(says);
    expect((await statusOf(release)).replicas ?? 0).toBe(0);
  });

  test.for(ACCEPTED)('$what, every Pod is created', async ({ values, ...rules }) => {
    const release = await namespaceWith(rules);
    await using _installed = await Release.install(release, values);
    await eventually('the Pods', async () => (await statusOf(release)).replicas === 1 || undefined);

    const items = podsOf(objectsOf(await render(values, release)), release.namespace);
    expect(items).toHaveLength(4);
    await kubectl(['create', '--dry-run=server', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  });
});

/** Creates a namespace with these labels and rules. */
async function namespaceWith({ labels = {}, rules = [] }: Omit<Rules, 'what' | 'values'>): Promise<ReleaseName> {
  const release = await newRelease();
  const { namespace } = release;
  for (const [key, value] of Object.entries(labels)) {
    await kubectl(['label', 'namespace', namespace, `${key}=${value}`]);
  }
  for (const rule of rules) {
    await kubectl(['create', '-f', '-'], { apiVersion: 'v1', metadata: { name: 'rule', namespace }, ...rule });
  }
  return release;
}

interface Status {
  readonly replicas?: number;
  readonly conditions?: readonly { readonly type: string; readonly message: string }[];
}

async function statusOf({ name, namespace }: ReleaseName): Promise<Status> {
  const deployment = await kubectl([
    'get',
    'deployment',
    `${name}-gateway-name-webhook`,
    '-n',
    namespace,
    '-o',
    'json',
  ]);
  return JSON.parse(deployment).status;
}
