import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../cluster/objects.ts';
import type { Outcome } from '../cluster/run-kubectl.ts';

export const CHART = fileURLToPath(new URL('../../charts/gateway-name-webhook', import.meta.url));

/** The package of the last 0.1 chart. */
export const CHART_0_1 = fileURLToPath(new URL('released/gateway-name-webhook-0.1.0.tgz', import.meta.url));

/** The values that a user passes to Helm with `-f`. */
export type Values = Readonly<Record<string, unknown>>;

/** The name and the namespace of a release. */
export interface ReleaseName {
  readonly name: string;
  readonly namespace: string;
}

/** The default release, for tests to which the name does not matter. */
const RELEASE: ReleaseName = { name: 'gateway-name-webhook', namespace: 'gateway-name-webhook' };

/** The programs that install charts: Helm 4, and Helm 3. */
export const HELMS = ['helm', 'helm3'] as const;
export type Program = (typeof HELMS)[number];

/** Runs Helm, which may fail. `stdin` is its standard input, for `-f -`. */
export function tryHelm(args: readonly string[], stdin = '', name: Program = 'helm'): Promise<Outcome> {
  const program = inject(name);
  if (!program) throw new Error(`Cannot run without ${name}: it is neither in the PATH nor in KUBEBUILDER_ASSETS`);
  const kubeconfig = inject('cluster')?.kubeconfig;
  // Keeps Helm out of the home directory: no settings, no plugins, no cache.
  const home = kubeconfig ? `${kubeconfig}.helm` : join(tmpdir(), 'gateway-name-webhook-helm');
  const env = {
    KUBECONFIG: kubeconfig ?? '/dev/null',
    KUBECACHEDIR: join(home, 'kube'),
    HELM_CACHE_HOME: join(home, 'cache'),
    HELM_CONFIG_HOME: join(home, 'config'),
    HELM_DATA_HOME: join(home, 'data'),
  };
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const exitCode = error ? error.code : 0;
      if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr });
      else reject(error);
    });
    // If Helm ends before it has read its input, its exit code says more than EPIPE.
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin);
  });
}

/** Runs Helm and returns what it printed. Rejects if it fails. */
export async function helm(args: readonly string[], stdin?: string, name?: Program): Promise<string> {
  const { exitCode, stdout, stderr } = await tryHelm(args, stdin, name);
  if (exitCode !== 0) throw new Error(`Cannot helm ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Returns the output of `helm template`. Values may be the text of a file: Helm reads YAML 1.1, where `off` is false. */
export function render(values: Values | string, release = RELEASE, args: readonly string[] = []): Promise<string> {
  return helm(['template', release.name, CHART, '-n', release.namespace, '-f', '-', ...args], textOf(values));
}

const policyVersion = inject('cluster')?.policyVersion;

/** Tells `helm template`, which does not query the cluster, which policies the tests' cluster serves. */
export const SERVED: readonly string[] = policyVersion
  ? [`--api-versions=admissionregistration.k8s.io/${policyVersion}/MutatingAdmissionPolicy`]
  : [];

/** Renders the objects of a release in the tests' cluster, without those of `helm test`. */
export async function renderObjects(values: Values | string, release = RELEASE): Promise<KubernetesObject[]> {
  return objectsOf(await render(values, release, ['--no-hooks', ...SERVED]));
}

function textOf(values: Values | string): string {
  return typeof values === 'string' ? values : JSON.stringify(values);
}

/** Reads manifests as Helm does: in YAML 1.1, where `on` is true and `1e3` is a number. */
export function objectsOf(manifests: string): KubernetesObject[] {
  return parseAllDocuments(manifests, { version: '1.1' })
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}

/** How Helm writes a release to the API server. */
export interface By {
  readonly program: Program;
  readonly flags: readonly string[];
}

export const SERVER_SIDE: By = { program: 'helm', flags: ['--server-side=true'] };
const CLIENT_SIDE: By = { program: 'helm', flags: ['--server-side=false'] };
/** Helm 3 always uses client-side patches. */
export const HELM_3: By = { program: 'helm3', flags: [] };

/** The ways that this machine supports. */
export const WAYS = [
  { way: 'Helm 4, server-side apply', by: SERVER_SIDE },
  { way: 'Helm 4, client-side patches', by: CLIENT_SIDE },
  { way: 'Helm 3', by: HELM_3 },
].filter(({ by }) => inject(by.program) !== null);

/** A release of the chart, uninstalled at the end of its scope by the Helm that installed or upgraded it last. */
export class Release implements AsyncDisposable {
  readonly release: ReleaseName;
  #program: Program;
  #installed = true;

  private constructor(release: ReleaseName, program: Program) {
    this.release = release;
    this.#program = program;
  }

  static async install(
    release: ReleaseName,
    values: Values | string,
    by: By = SERVER_SIDE,
    chart = CHART,
  ): Promise<Release> {
    const { name, namespace } = release;
    const args = ['install', name, chart, '-n', namespace, '--create-namespace', ...by.flags, '-f', '-'];
    await helm(args, textOf(values), by.program);
    return new Release(release, by.program);
  }

  async upgrade(values: Values, by: By = SERVER_SIDE): Promise<void> {
    const { name, namespace } = this.release;
    // Without this flag, Helm keeps the previous values if the new ones are empty.
    const args = ['upgrade', name, CHART, '-n', namespace, '--reset-values', ...by.flags, '-f', '-'];
    await helm(args, textOf(values), by.program);
    this.#program = by.program;
  }

  /** The objects of the current revision. */
  async objects(): Promise<readonly KubernetesObject[]> {
    return objectsOf(await this.#run('get', 'manifest'));
  }

  async rollback(...flags: readonly string[]): Promise<void> {
    await this.#run('rollback', ...flags);
  }

  async uninstall(): Promise<void> {
    this.#installed = false;
    await this.#run('uninstall');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#installed) await this.uninstall();
  }

  #run(...command: readonly string[]): Promise<string> {
    return helm([...command, this.release.name, '-n', this.release.namespace], undefined, this.#program);
  }
}
