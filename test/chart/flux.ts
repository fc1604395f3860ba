import { execFile } from 'node:child_process';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { cluster } from '../cluster/kubectl.ts';
import type { KubernetesObject } from '../cluster/objects.ts';

const SOURCE = fileURLToPath(new URL('flux/', import.meta.url));

/** Does what Flux's controllers do with objects, using Flux's own library: see flux/main.go. */
export class Flux implements AsyncDisposable {
  readonly #directory: Awaited<ReturnType<typeof mkdtempDisposable>>;

  private constructor(directory: Awaited<ReturnType<typeof mkdtempDisposable>>) {
    this.#directory = directory;
  }

  /** Builds the program. This takes seconds, or one to two minutes with an empty Go cache. */
  static async build(): Promise<Flux> {
    const flux = new Flux(await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-flux-')));
    const args = ['build', '-ldflags=-s -w', '-o', flux.#program, '.'];
    await promisify(execFile)(inject('go') ?? 'go', args, { cwd: SOURCE, env: process.env });
    return flux;
  }

  /** Applies objects as kustomize-controller does; returns the action for each. */
  apply(objects: readonly KubernetesObject[]): Promise<Readonly<Record<string, string>>> {
    return this.#run('apply', objects);
  }

  /** Returns the actions without applying them. */
  diff(objects: readonly KubernetesObject[]): Promise<Readonly<Record<string, string>>> {
    return this.#run('diff', objects);
  }

  /** Returns, for each object with drift, the JSON Patch with which helm-controller would correct it. */
  drift(objects: readonly KubernetesObject[]): Promise<Readonly<Record<string, readonly object[]>>> {
    return this.#run('drift', objects);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#directory[Symbol.asyncDispose]();
  }

  get #program(): string {
    return join(this.#directory.path, 'flux');
  }

  async #run<T>(command: string, items: readonly KubernetesObject[]): Promise<T> {
    const running = promisify(execFile)(this.#program, [command], { env: { KUBECONFIG: cluster().kubeconfig } });
    running.child.stdin?.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    return JSON.parse((await running).stdout);
  }
}
