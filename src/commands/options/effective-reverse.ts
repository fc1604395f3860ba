import type { Reverse } from '../../admission/gateway.ts';
import { type Installation, reverseOf } from '../../installation/installation.ts';
import type { Context } from '../context.ts';

/** Returns the value of `rule.reverse` for a command: the user's, or else the installed one, which it reports. */
export function effectiveReverse(
  said: Reverse | undefined,
  installation: Installation,
  stderr: Context['stderr'],
): Reverse {
  if (said !== undefined) return said;
  const installed = reverseOf(installation);
  const { name, configuration, policies } = installation;
  const problem = configuration.problem ?? policies.problem;
  const unread = problem ? 'cannot read the installation' : 'nothing is installed';
  const why = installed === undefined ? unread : `from ${name}`;
  stderr.write(`using rule.reverse=${installed ?? 'both'} (${why}); override it with --reverse\n`);
  if (installed === undefined && problem) stderr.write(`${problem.message}\n`);
  return installed ?? 'both';
}
