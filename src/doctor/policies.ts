import type { Outcome } from '../installation/outcome.ts';
import { bindingFault, type InstalledPolicy } from '../installation/policy.ts';
import type { Judgement } from './check.ts';
import { faultOf } from './fault.ts';
import type { Cause } from './trial-judgement.ts';

const RESTORE = 'Run `helm upgrade` to restore it, and stop whatever changed it.';

/** Says what is wrong with the binding of a policy; undefined when nothing is. */
export function bindingCause({ metadata: { name }, binding }: InstalledPolicy): Cause | undefined {
  const fault = bindingFault(binding);
  if (fault === undefined) return undefined;
  return { class: binding === 'missing' ? 'missing' : 'changed', message: `${name} ${fault}` };
}

/** Judges whether the policies can take effect. Having no policies is no problem: then the webhook is the engine. */
export function judgePolicies({ problem, value = [] }: Outcome<readonly InstalledPolicy[]>): Judgement[] {
  if (problem) {
    const { message } = problem;
    return [{ name: 'present', status: 'warning', class: faultOf(problem), message }];
  }
  return value.flatMap(judgePolicy);
}

function judgePolicy(policy: InstalledPolicy): Judgement[] {
  const { name } = policy.metadata;
  const { spec, binding } = policy;
  const cause = bindingCause(policy);
  if (cause) {
    const message = `MutatingAdmissionPolicy ${cause.message}`;
    return [{ ...cause, name, status: binding === 'narrowed' ? 'warning' : 'failure', message, advice: RESTORE }];
  }
  const title = `MutatingAdmissionPolicy ${name}`;
  const found: Judgement = { name, status: 'ok', message: `${title}, with its binding` };
  if (spec.failurePolicy !== 'Fail') return [found];
  const message = `${title} has failurePolicy Fail: objects that it fails for cannot be created`;
  return [found, { name: `${name}/failurePolicy`, status: 'note', message }];
}
