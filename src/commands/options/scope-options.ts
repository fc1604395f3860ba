import { type Command, Option } from 'commander';
import type { Scope } from '../../objects/scope.ts';
import { BadUsage } from './bad-usage.ts';
import { addClusterOptions, type ClusterTexts } from './cluster-options.ts';
import { parseObjectName } from './names.ts';

/** The flags that select objects. */
export interface ScopeTexts extends ClusterTexts {
  readonly namespace?: readonly string[];
  readonly allNamespaces: boolean;
  readonly namespaceSelector?: string;
  readonly selector?: string;
}

/** Adds kubectl's flags for namespaces and labels; they are parsed into ScopeTexts. */
export function addScopeOptions(command: Command): Command {
  for (const option of scopeOptions()) command.addOption(option);
  return addClusterOptions(command);
}

/** The flags of addScopeOptions() that are not those of the cluster. */
export function scopeOptions(): readonly Option[] {
  return [
    new Option('-n, --namespace <name>', "namespace (default: the context's); can be repeated").argParser(
      (name: string, before: readonly string[] = []) => [...before, name],
    ),
    new Option('-A, --all-namespaces', 'all namespaces').default(false),
    new Option('--namespace-selector <selector>', 'with -A: only namespaces that match this label selector'),
    new Option('-l, --selector <selector>', 'only objects that match this label selector'),
  ];
}

/** Returns the selected namespaces. Throws BadUsage if the flags contradict each other. */
export function parseScope(
  { namespace: names = [], allNamespaces, namespaceSelector = '', selector = '' }: ScopeTexts,
  contextNamespace: string,
): Scope {
  if (allNamespaces && names.length > 0) throw new BadUsage('-n and -A are mutually exclusive');
  if (!allNamespaces && namespaceSelector !== '') throw new BadUsage('--namespace-selector requires -A');
  if (allNamespaces) return { namespaces: [], namespaceSelector, selector };
  for (const name of names) {
    if (!parseObjectName(name)) throw new BadUsage(`--namespace is "${name}", expected a name`);
  }
  return { namespaces: names.length > 0 ? [...new Set(names)] : [contextNamespace], namespaceSelector: '', selector };
}
