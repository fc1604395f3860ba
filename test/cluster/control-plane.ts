import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Component } from './component.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { servedPolicyVersion } from './policies.ts';
import { type Cluster, runKubectl } from './run-kubectl.ts';

/** etcd and the API server take 6 to 11 s on two cores; a busy machine takes longer. */
const START_TIMEOUT_MS = 90_000;

/** Logs only events that show what admission did to an object. */
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    {
      level: 'Request',
      verbs: ['create', 'patch', 'update', 'delete'],
      resources: [{ group: '', resources: ['pods', 'services', 'serviceaccounts'] }],
    },
    { level: 'None' },
  ],
};

/** The setting of GKE: Pods with a system priority class need a ResourceQuota that covers the class. */
const ADMISSION = {
  apiVersion: 'apiserver.config.k8s.io/v1',
  kind: 'AdmissionConfiguration',
  plugins: [
    {
      name: 'ResourceQuota',
      configuration: {
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'ResourceQuotaConfiguration',
        limitedResources: [
          {
            resource: 'pods',
            matchScopes: [
              {
                scopeName: 'PriorityClass',
                operator: 'In',
                values: ['system-node-critical', 'system-cluster-critical'],
              },
            ],
          },
        ],
      },
    },
  ],
};

/** No garbage collector, because the owners of recorded objects do not exist, and none that creates ServiceAccounts. */
const CONTROLLERS =
  'deployment-controller,replicaset-controller,resourcequota-controller,validatingadmissionpolicy-status-controller';

export interface ControlPlane extends AsyncDisposable {
  readonly cluster: Cluster;
  /** The PID of the API server. */
  readonly apiServerPid: number;
}

/**
 * Starts etcd and kube-apiserver (and kube-controller-manager if present) from `assets`, with their files in `directory` and
 * additional flags for the API server. Leaves no process running if it rejects.
 */
export async function startControlPlane(
  assets: string,
  directory: string,
  apiServerFlags: readonly string[] = [],
  controllers: string = CONTROLLERS,
): Promise<ControlPlane> {
  // Disposed in reverse order: the API server needs etcd for a clean exit.
  await using components = new AsyncDisposableStack();
  const start = async (program: string, args: readonly string[]) =>
    components.use(await Component.start(join(assets, program), args, directory));

  const { cluster, apiServerPid } = await startComponents(assets, directory, start, { apiServerFlags, controllers });
  const started = components.move();
  return { cluster, apiServerPid, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

async function startComponents(
  assets: string,
  directory: string,
  start: (program: string, args: readonly string[]) => Promise<Component>,
  { apiServerFlags, controllers }: { readonly apiServerFlags: readonly string[]; readonly controllers: string },
): Promise<Pick<ControlPlane, 'cluster' | 'apiServerPid'>> {
  const [etcdPort, apiPort] = await Promise.all([freePort(), freePort()]);
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const file = (name: string) => join(directory, name);
  const started: Omit<Cluster, 'policyVersion'> = {
    assets,
    etcdUrl,
    kubeconfig: file('kubeconfig'),
    certificateAuthority: file('apiserver/apiserver.crt'),
    auditLog: file('audit.log'),
    hasControllers: existsSync(join(assets, 'kube-controller-manager')),
  };
  await writeFiles(directory, started, apiPort);

  const etcd = await start('etcd', [
    ...['--data-dir', file('etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
    ...['--listen-client-urls', etcdUrl, '--advertise-client-urls', etcdUrl],
    ...['--listen-peer-urls', 'http://127.0.0.1:0'],
  ]);
  const apiServer = await start('kube-apiserver', [
    ...['--etcd-servers', etcdUrl, '--bind-address', '127.0.0.1', '--secure-port', String(apiPort)],
    // The API server creates its certificate in this directory.
    ...['--cert-dir', file('apiserver'), '--token-auth-file', file('tokens.csv'), '--authorization-mode', 'RBAC'],
    ...['--service-account-issuer', 'https://kubernetes.default.svc', '--service-account-key-file', file('sa.pub')],
    ...['--service-account-signing-key-file', file('sa.key'), '--service-cluster-ip-range', '10.96.0.0/16'],
    // Pods may name a ServiceAccount that does not exist.
    ...['--disable-admission-plugins', 'ServiceAccount', '--admission-control-config-file', file('admission.json')],
    ...['--audit-policy-file', file('audit-policy.json'), '--audit-log-path', started.auditLog],
    ...apiServerFlags,
  ]);
  await eventually(
    'the API server',
    async () => {
      etcd.check();
      apiServer.check();
      const { exitCode } = await runKubectl(started, ['get', '--raw', '/readyz']);
      return exitCode === 0 || undefined;
    },
    START_TIMEOUT_MS,
  ).catch((error: Error) => {
    throw new Error([error.message, etcd.logTail(), apiServer.logTail()].join('\n'));
  });

  if (started.hasControllers) {
    await start('kube-controller-manager', [
      ...['--kubeconfig', started.kubeconfig, '--controllers', controllers],
      ...['--leader-elect=false', '--secure-port', '0'],
    ]);
  }
  const cluster = { ...started, policyVersion: await servedPolicyVersion(started) };
  return { cluster, apiServerPid: apiServer.pid };
}

/** Writes the components' files. Kubernetes accepts JSON wherever it accepts YAML. */
async function writeFiles(
  directory: string,
  cluster: Pick<Cluster, 'certificateAuthority'>,
  apiPort: number,
): Promise<void> {
  const token = randomUUID();
  const serviceAccounts = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const server = {
    server: `https://127.0.0.1:${apiPort}`,
    'certificate-authority': cluster.certificateAuthority,
  };
  const files = {
    'tokens.csv': `${token},admin,admin,system:masters\n`,
    'sa.key': serviceAccounts.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'sa.pub': serviceAccounts.publicKey.export({ type: 'spki', format: 'pem' }),
    'admission.json': JSON.stringify(ADMISSION),
    'audit-policy.json': JSON.stringify(AUDIT_POLICY),
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster: server }],
      users: [{ name: 'admin', user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
      'current-context': 'test',
    }),
  };
  await Promise.all(
    Object.entries(files).map(([name, text]) => writeFile(join(directory, name), text, { mode: 0o600 })),
  );
}
