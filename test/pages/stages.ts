import type { DocumentedCommand } from '../support/documented-commands.ts';

/** Commands that run after one another, or in any order. */
export interface Stage {
  readonly name: string;
  readonly pattern: RegExp;
  readonly isReadOnly?: boolean;
}

/** The order in which the commands of pages are run: a command belongs to the first stage whose pattern matches. */
export const STAGES: readonly Stage[] = [
  { name: 'install the policy engine', pattern: /^helm install gateway-name-webhook .*engine=/ },
  { name: 'install', pattern: /^helm install gateway-name-webhook / },
  { name: 'turn heal on', pattern: /^helm upgrade .*--set 'heal\.schedule/ },
  { name: 'backfill, as a dry run', pattern: /^gateway-name-webhook backfill.*--dry-run/ },
  { name: 'backfill of a namespace', pattern: /^gateway-name-webhook backfill(?!.*-A)/ },
  { name: 'backfill of everything', pattern: /^gateway-name-webhook backfill/ },
  { name: 'run heal', pattern: /^kubectl create job/ },
  { name: 'test', pattern: /^helm test/ },
  { name: 'rotate', pattern: /^gateway-name-webhook certs rotate/ },
  {
    name: 'look',
    pattern:
      /^(?:gateway-name-webhook|kubectl (?:describe|gateway-name|get|logs)|helm (?:get|template)|--set)\b(?!.*(?:kubectl apply|mutatingadmissionpolic))(?!.*engine=)/,
    isReadOnly: true,
  },
  { name: 'change', pattern: /^(?:kubectl|helm template my-release) (?!.*mutatingadmissionpolic)/ },
  { name: 'upgrade', pattern: /^helm upgrade(?!.*engine=)/ },
  { name: 'roll back', pattern: /^helm rollback/ },
  { name: 'install a second release', pattern: /^helm install labels / },
  { name: 'change the engine', pattern: /engine=both|mutatingadmissionpolic/ },
  { name: 'change to the policy', pattern: /^helm upgrade/ },
  { name: 'uninstall', pattern: /^helm uninstall/ },
  { name: 'apply', pattern: /^helm template/ },
];

/** The name of the stage that a command belongs to. */
export function stageOf({ line }: DocumentedCommand): string | undefined {
  return STAGES.find(({ pattern }) => pattern.test(line))?.name;
}
