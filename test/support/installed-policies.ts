import type { InstalledPolicy } from '../../src/installation/policy.ts';

/** A policy of the release `a-name`, as the chart installs it. */
export function installedPolicy(
  direction: InstalledPolicy['direction'],
  {
    binding = 'whole',
    failurePolicy = 'Ignore',
    namespaceSelector = {},
  }: Partial<{
    readonly binding: InstalledPolicy['binding'];
    readonly failurePolicy: string;
    readonly namespaceSelector: object;
  }> = {},
): InstalledPolicy {
  return {
    direction,
    binding,
    metadata: { name: `a-name-${direction}`, creationTimestamp: '2026-11-22T20:43:49Z' },
    spec: { failurePolicy, matchConstraints: { namespaceSelector } },
  };
}
