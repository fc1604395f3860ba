import { readFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { ApiError } from '../api-error.ts';
import { type Kubeconfig, parseKubeconfig } from './kubeconfig.ts';

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What kubectl would read, and the files that are missing. */
export interface LoadedKubeconfig extends Kubeconfig {
  readonly missing: readonly string[];
}

/**
 * Reads the kubeconfigs that kubectl reads: the given one, those in KUBECONFIG, or ~/.kube/config. The first entry of a name, and
 * the first current context, win.
 */
export function loadKubeconfig(environment: Environment, explicit: string | undefined): LoadedKubeconfig {
  if (explicit) {
    const only = readKubeconfig(explicit);
    if (only) return { ...only, missing: [] };
    throw new ApiError(`Cannot read the kubeconfig ${explicit}: no such file`, undefined);
  }
  const files = kubeconfigFiles(environment);
  const read = files.map((file) => [file, readKubeconfig(file)] as const);
  const found = read.flatMap(([, kubeconfig]) => kubeconfig ?? []);
  return {
    currentContext: found.map(({ currentContext }) => currentContext).find(Boolean) ?? '',
    clusters: firstOf(found.map(({ clusters }) => clusters)),
    users: firstOf(found.map(({ users }) => users)),
    contexts: firstOf(found.map(({ contexts }) => contexts)),
    missing: read.flatMap(([file, kubeconfig]) => (kubeconfig ? [] : file)),
  };
}

function kubeconfigFiles({ KUBECONFIG, HOME, USERPROFILE }: Environment): readonly string[] {
  if (KUBECONFIG) return [...new Set(KUBECONFIG.split(delimiter))].filter(Boolean);
  return [join(HOME || USERPROFILE || '', '.kube', 'config')];
}

/** Undefined if there is no such file. */
function readKubeconfig(file: string): Kubeconfig | undefined {
  try {
    const directory = resolve(dirname(file));
    return parseKubeconfig(readFileSync(file, 'utf8'), (path) => path && resolve(directory, path));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new ApiError(`Cannot read the kubeconfig ${file}: ${message}`, undefined, { cause });
  }
}

function firstOf<T>(maps: readonly ReadonlyMap<string, T>[]): ReadonlyMap<string, T> {
  // The last entry of a name wins.
  return new Map(maps.toReversed().flatMap((map) => [...map]));
}
