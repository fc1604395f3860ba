import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../cluster/objects.ts';
import type { Outcome } from '../cluster/run-kubectl.ts';

export const CHART = fileURLToPath(new URL('../../charts/gateway-name-webhook', import.meta.url));

/** What a user gives Helm by `-f`. */
export type Values = Readonly<Record<string, unknown>>;

/** A release as a user names it. */
export interface ReleaseName {
  readonly name: string;
  readonly namespace: string;
}

/** The release of tests that do not care about its name. */
const RELEASE: ReleaseName = { name: 'gateway-name-webhook', namespace: 'gateway-name-webhook' };

/** The programs that install charts: Helm 4, and Helm 3. */
export const HELMS = ['helm', 'helm3'] as const;
export type Program = (typeof HELMS)[number];

/** Runs Helm, whatever comes of it. `stdin` is what `-f -` reads. */
export function tryHelm(args: readonly string[], stdin = '', name: Program = 'helm'): Promise<Outcome> {
  const program = inject(name);
  if (!program) throw new Error(`Cannot run without ${name}: it is neither in the PATH nor in KUBEBUILDER_ASSETS`);
  const kubeconfig = inject('cluster')?.kubeconfig;
  // No settings, plugins or cache of anybody's home folder.
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
    // A Helm that ends before it has read: its exit code tells more than EPIPE.
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin);
  });
}

/** Runs Helm and returns what it printed. Rejects when it fails. */
export async function helm(args: readonly string[], stdin?: string): Promise<string> {
  const { exitCode, stdout, stderr } = await tryHelm(args, stdin);
  if (exitCode !== 0) throw new Error(`Cannot helm ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** What `helm template` prints. Values may be the text of a file: Helm reads YAML 1.1, where `off` is false. */
export function render(values: Values | string, release = RELEASE, args: readonly string[] = []): Promise<string> {
  return helm(['template', release.name, CHART, '-n', release.namespace, '-f', '-', ...args], textOf(values));
}

/** The objects that a release of these values consists of, without those of `helm test`. */
export async function renderObjects(values: Values | string, release = RELEASE): Promise<KubernetesObject[]> {
  return objectsOf(await render(values, release, ['--no-hooks']));
}

function textOf(values: Values | string): string {
  return typeof values === 'string' ? values : JSON.stringify(values);
}

/** Reads manifests as Helm does: in YAML 1.1, where `on` is true and `1e3` a number. */
export function objectsOf(manifests: string): KubernetesObject[] {
  return parseAllDocuments(manifests, { version: '1.1' })
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}

/** How Helm writes to the API server. Helm 3 knows only the second. */
export const WAYS = [
  { way: 'server-side apply', flag: '--server-side=true' },
  { way: "client-side patches, Helm 3's way", flag: '--server-side=false' },
] as const;
export type Flag = (typeof WAYS)[number]['flag'];

/** A release of the chart, uninstalled at the end of its scope. */
export class Release implements AsyncDisposable {
  readonly release: ReleaseName;
  #installed = true;

  private constructor(release: ReleaseName) {
    this.release = release;
  }

  static async install(
    release: ReleaseName,
    values: Values | string,
    flag: Flag = '--server-side=true',
  ): Promise<Release> {
    const { name, namespace } = release;
    const args = ['install', name, CHART, '-n', namespace, '--create-namespace', flag, '-f', '-'];
    await helm(args, textOf(values));
    return new Release(release);
  }

  async upgrade(values: Values, flag: Flag = '--server-side=true'): Promise<void> {
    const { name, namespace } = this.release;
    // Without it, Helm takes empty values for "as before".
    const args = ['upgrade', name, CHART, '-n', namespace, '--reset-values', flag, '-f', '-'];
    await helm(args, textOf(values));
  }

  async rollback(): Promise<void> {
    await helm(['rollback', this.release.name, '-n', this.release.namespace]);
  }

  async uninstall(): Promise<void> {
    this.#installed = false;
    await helm(['uninstall', this.release.name, '-n', this.release.namespace]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#installed) await this.uninstall();
  }
}
