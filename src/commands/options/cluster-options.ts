import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ClusterFlags } from '../../kubernetes/kubeconfig/selection.ts';
import { parseDuration } from './duration.ts';

/** The flags that select a cluster. */
export type ClusterTexts = ClusterFlags;

/** The longest delay of a timer, about 25 days. */
const UNLIMITED_MS = 2 ** 31 - 1;

/** Adds kubectl's flags for the cluster, and for the user to act as. */
export function addClusterOptions(command: Command): Command {
  for (const option of clusterOptions()) command.addOption(option);
  return command;
}

/** The flags of addClusterOptions(). */
export function clusterOptions(): readonly Option[] {
  return [
    new Option('--kubeconfig <file>', 'kubeconfig file (default: the files in KUBECONFIG, or ~/.kube/config)'),
    new Option('--context <name>', 'kubeconfig context (default: the current context)'),
    new Option('--as <user>', 'user to impersonate'),
    new Option('--as-group <group>', 'group to impersonate; can be repeated').argParser(
      (group: string, before: readonly string[] = []) => [...before, group],
    ),
    new Option('--request-timeout <duration>', 'time limit for a single request, such as 30s; 0 for none').argParser(
      parseRequestTimeout,
    ),
  ];
}

function parseRequestTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms > UNLIMITED_MS) throw new InvalidArgumentError('Expected a duration such as 30s.');
  return ms || UNLIMITED_MS;
}
