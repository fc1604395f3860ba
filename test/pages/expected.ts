import { cluster } from '../cluster/kubectl.ts';
import type { DocumentedCommand } from '../support/documented-commands.ts';

/** What a reader gets for a command. */
export interface Expected {
  readonly exitCode: number;
  readonly stdout: RegExp;
  readonly stderr: RegExp;
}

/** The log of a Pod that no node runs is empty; a redirection prints nothing. */
const PRINTS_NOTHING = /^kubectl logs|>/;

const ANYTHING = /^/;

/** What kubectl prints for a selector that matches nothing, or for a name that does not exist. */
const NOTHING_MISSING = /^(?!.*(?:No resources found|not found))/s;

/** Says how a command of a page ends: as the comment behind it promises, otherwise with success and output. */
export function expectedOf({ line, comment }: DocumentedCommand): Expected {
  const failure = failureOf(line);
  if (failure) return { stdout: ANYTHING, ...failure };
  const exitCode = Number(/exit code (\d)/.exec(comment)?.[1] ?? 0);
  return { exitCode, stdout: PRINTS_NOTHING.test(line) ? ANYTHING : /\S/, stderr: NOTHING_MISSING };
}

/** How a command fails that must fail, here or everywhere. */
function failureOf(line: string): Omit<Expected, 'stdout'> | undefined {
  const { policyVersion } = cluster();
  // Without arguments, the plugin prints its usage.
  if (line === 'kubectl gateway-name') return { exitCode: 2, stderr: /Usage: kubectl gateway-name / };
  // The guard denies it, which is what the command shows.
  if (line.includes('--as system:serviceaccount:'))
    return { exitCode: 1, stderr: /ValidatingAdmissionPolicy 'gateway-name-webhook-heal' .*denied request/ };
  // For a cluster that serves only this version.
  if (line.includes('v1beta1/MutatingAdmissionPolicy') && policyVersion !== 'v1beta1')
    return { exitCode: 1, stderr: /no matches for kind "MutatingAdmissionPolicy/ };
  if (/engine=(?:policy|both)/.test(line) && !policyVersion)
    return { exitCode: 1, stderr: /MutatingAdmissionPolicy needs Kubernetes 1\.34 or newer/ };
  if (line.includes('mutatingadmissionpolic') && !policyVersion)
    return { exitCode: 1, stderr: /doesn't have a resource type "mutatingadmissionpolicies"/ };
  return undefined;
}
