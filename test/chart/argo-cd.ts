import { kubectl, tryKubectl } from '../cluster/kubectl.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { objectsOf, type ReleaseName, render, type Values } from './helm.ts';

/** The flags with which Argo CD applies, with and without the sync option ServerSideApply. */
const BY_SERVER = ['--server-side', '--field-manager=argocd-controller', '--force-conflicts'];
const SYNC_OPTIONS = { 'ServerSideApply=false': [], 'ServerSideApply=true': BY_SERVER } as const;
type SyncOption = keyof typeof SYNC_OPTIONS;

/** The Helm hooks that Argo CD runs as its own. It runs no others, and compares no hook with the cluster. */
const KNOWN_HOOKS = ['pre-install', 'pre-upgrade', 'post-install', 'post-upgrade', 'pre-delete', 'post-delete'];

/**
 * An Application of the chart. It makes Argo CD's calls with kubectl, whose library Argo CD uses.
 *
 * Argo CD's own engine is not a package that tests could run.
 */
export class Application implements AsyncDisposable {
  readonly #release: ReleaseName;
  readonly #option: SyncOption;
  #objects: readonly KubernetesObject[] = [];

  constructor(release: ReleaseName, option: SyncOption) {
    this.#release = release;
    this.#option = option;
  }

  get objects(): readonly KubernetesObject[] {
    return this.#objects;
  }

  /** Renders and applies the chart. Deletes objects that are no longer rendered first, as Argo CD does within a wave. */
  async sync(values: Values): Promise<void> {
    const before = this.#objects;
    this.#objects = objectsOf(await render(values, this.#release))
      .filter((object) => !isHook(object))
      .map((object) => this.#tracked(object));
    const ids = new Set(this.#objects.map(idOf));
    await this.#delete(before.filter((object) => !ids.has(idOf(object))));
    await this.heal();
  }

  /** Applies the rendered objects again, as self-heal does. */
  async heal(): Promise<void> {
    await kubectl(['apply', ...SYNC_OPTIONS[this.#option], '-f', '-'], listOf(this.#objects));
  }

  /** Replaces whole objects, as with the sync option Replace=true. */
  async replace(): Promise<void> {
    await kubectl(['replace', '-f', '-'], listOf(this.#objects));
  }

  /** Returns the differences: of the live from the last-applied and rendered objects, or by a dry run of server-side apply. */
  async diff(strategy: 'three-way' | 'server-side'): Promise<string> {
    const flags = strategy === 'server-side' ? BY_SERVER : [];
    const { exitCode, stdout, stderr } = await tryKubectl(['diff', ...flags, '-f', '-'], listOf(this.#objects));
    if (exitCode > 1) throw new Error(`Cannot kubectl diff: ${stderr}`);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#delete(this.#objects);
  }

  async #delete(objects: readonly KubernetesObject[]): Promise<void> {
    if (objects.length > 0) await kubectl(['delete', '--wait=false', '-f', '-'], listOf(objects));
  }

  /** Adds the annotation by which Argo CD recognizes its objects. */
  #tracked(object: KubernetesObject): KubernetesObject {
    const tracking = { 'argocd.argoproj.io/tracking-id': `${this.#release.name}:${idOf(object)}` };
    const annotations = { ...(object.metadata['annotations'] as object | undefined), ...tracking };
    return { ...object, metadata: { ...object.metadata, annotations } };
  }
}

/** Whether Argo CD treats an object as a hook. It ignores hooks of an unknown type altogether. */
function isHook({ metadata }: KubernetesObject): boolean {
  const { 'helm.sh/hook': hook } = (metadata['annotations'] ?? {}) as { readonly 'helm.sh/hook'?: string };
  const known = hook?.split(',').find((name) => KNOWN_HOOKS.includes(name));
  if (known !== undefined) throw new Error(`Cannot simulate ${metadata.name}: Argo CD would run its hook ${known}`);
  return hook !== undefined;
}

function idOf({ apiVersion, kind, metadata: { namespace, name } }: KubernetesObject): string {
  const [group, version] = apiVersion.split('/');
  return `${version === undefined ? '' : group}/${kind}:${namespace ?? ''}/${name}`;
}

function listOf(items: readonly KubernetesObject[]): object {
  return { apiVersion: 'v1', kind: 'List', items };
}
