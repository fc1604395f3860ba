import type { Outcome } from '../installation/outcome.ts';
import type { InstalledPolicy } from '../installation/policy.ts';
import type { Judgement } from './check.ts';
import { faultOf } from './fault.ts';

const RESTORE = '`helm upgrade` makes it as it was; whoever has changed it must stop.';

/** What a binding that is not the chart's makes of its policy. */
const BINDINGS: Readonly<Record<Exclude<InstalledPolicy['binding'], 'whole'>, Omit<Judgement, 'name'>>> = {
  missing: { status: 'failure', class: 'missing', message: 'has no binding: it does nothing', advice: RESTORE },
  'of-another-policy': {
    status: 'failure',
    class: 'changed',
    message: 'has a binding for another policy: it does nothing',
    advice: RESTORE,
  },
  narrowed: {
    status: 'warning',
    class: 'changed',
    message: 'has a binding that leaves objects out',
    advice: RESTORE,
  },
};

/** Judges whether the policies that were found can take effect. No policies are no finding: the webhook is the engine then. */
export function judgePolicies({ problem, value = [] }: Outcome<readonly InstalledPolicy[]>): Judgement[] {
  if (problem) {
    const { message } = problem;
    return [{ name: 'present', status: 'warning', class: faultOf(problem), message }];
  }
  return value.flatMap(judgePolicy);
}

function judgePolicy({ metadata: { name }, spec, binding }: InstalledPolicy): Judgement[] {
  const title = `MutatingAdmissionPolicy ${name}`;
  if (binding !== 'whole') {
    const judgement = BINDINGS[binding];
    return [{ name, ...judgement, message: `${title} ${judgement.message}` }];
  }
  const found: Judgement = { name, status: 'ok', message: `${title}, with its binding` };
  if (spec.failurePolicy !== 'Fail') return [found];
  const message = `${title} has failurePolicy Fail: what it fails for cannot be created`;
  return [found, { name: `${name}/failurePolicy`, status: 'note', message }];
}
