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

/** What Flux's controllers do with objects, by its own library: see flux/main.go. */
export class Flux implements AsyncDisposable {
  readonly #folder: Awaited<ReturnType<typeof mkdtempDisposable>>;

  private constructor(folder: Awaited<ReturnType<typeof mkdtempDisposable>>) {
    this.#folder = folder;
  }

  /** Builds the program; seconds, or a minute or two where Go has compiled none of it yet. */
  static async build(): Promise<Flux> {
    const flux = new Flux(await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-flux-')));
    const args = ['build', '-ldflags=-s -w', '-o', flux.#program, '.'];
    await promisify(execFile)(inject('go') ?? 'go', args, { cwd: SOURCE, env: process.env });
    return flux;
  }

  /** What kustomize-controller does with each object that it applies. */
  apply(objects: readonly KubernetesObject[]): Promise<Readonly<Record<string, string>>> {
    return this.#run('apply', objects);
  }

  /** What it would do. */
  diff(objects: readonly KubernetesObject[]): Promise<Readonly<Record<string, string>>> {
    return this.#run('diff', objects);
  }

  /** The JSON Patch by which helm-controller would correct each object that has drifted. */
  drift(objects: readonly KubernetesObject[]): Promise<Readonly<Record<string, readonly object[]>>> {
    return this.#run('drift', objects);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#folder[Symbol.asyncDispose]();
  }

  get #program(): string {
    return join(this.#folder.path, 'flux');
  }

  async #run<T>(command: string, items: readonly KubernetesObject[]): Promise<T> {
    const running = promisify(execFile)(this.#program, [command], { env: { KUBECONFIG: cluster().kubeconfig } });
    running.child.stdin?.end(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    return JSON.parse((await running).stdout);
  }
}
