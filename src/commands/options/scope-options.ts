import { type Command, Option } from 'commander';
import type { Scope } from '../../objects/scope.ts';
import { BadUsage } from './bad-usage.ts';
import { parseObjectName } from './names.ts';

export const CONTEXT_FLAGS = ['--context <name>', 'context of the kubeconfig, otherwise its current one'] as const;

/** What a user says about where to look. */
export interface ScopeTexts {
  readonly context?: string;
  readonly namespace?: readonly string[];
  readonly allNamespaces: boolean;
  readonly namespaceSelector?: string;
}

/** Adds the flags by which kubectl is told where to look; what comes of them is ScopeTexts. */
export function addScopeOptions(command: Command): Command {
  return command
    .option(...CONTEXT_FLAGS)
    .addOption(
      new Option('-n, --namespace <name>', "namespace, otherwise the context's; can be repeated").argParser(
        (name: string, before: readonly string[] = []) => [...before, name],
      ),
    )
    .option('-A, --all-namespaces', 'every namespace', false)
    .option('--namespace-selector <selector>', 'with -A: only namespaces with these labels, as kubectl takes them');
}

/** Returns which namespaces are meant. Throws BadUsage where that cannot be told. */
export function parseScope(
  { namespace: names = [], allNamespaces, namespaceSelector = '' }: ScopeTexts,
  contextNamespace: string,
): Scope {
  if (allNamespaces && names.length > 0) throw new BadUsage('-n and -A exclude each other');
  if (!allNamespaces && namespaceSelector !== '') throw new BadUsage('--namespace-selector takes -A');
  if (allNamespaces) return { namespaces: [], namespaceSelector };
  for (const name of names) {
    if (!parseObjectName(name)) throw new BadUsage(`--namespace is "${name}", expected a name`);
  }
  return { namespaces: names.length > 0 ? [...new Set(names)] : [contextNamespace], namespaceSelector: '' };
}
