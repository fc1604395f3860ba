import { directionOf } from '../installation/attempts.ts';
import { type Direction, labelsOf } from '../installation/direction.ts';
import type { Problem } from '../installation/outcome.ts';
import { TRIAL_GATEWAY, type Trial } from '../installation/trial.ts';
import { callAdvice } from './advice.ts';
import type { Fault, Judgement } from './check.ts';
import { faultInText, faultOf } from './fault.ts';

/** Why an object does not get its label. */
export type Cause = Pick<Judgement, 'class' | 'message' | 'advice' | 'details'> & {
  readonly status?: 'warning' | 'skipped';
};

/** A trial with a definite result: the object got a label, or was rejected. */
export type JudgedTrial = Extract<Trial, { outcome: 'refused' }> | (Trial & { readonly added: string });

export function isJudged(trial: Trial): trial is JudgedTrial {
  return trial.outcome === 'refused' || trial.added !== undefined;
}

/** Judges a trial with a definite result. */
export function judgeTrial(direction: Direction, namespace: string, trial: JudgedTrial): Judgement {
  const name = `adds-${direction}`;
  const object = objectOf(direction, namespace);
  if (trial.outcome === 'refused') return { name, ...judgeRefusal(trial.problem, direction, namespace) };
  if (trial.added === TRIAL_GATEWAY) return { name, status: 'ok', message: `${object} gets both labels` };
  return {
    name,
    status: 'failure',
    class: 'wrong-answer',
    message: `${object} gets ${labelsOf(direction).lacks}=${trial.added}, which this webhook did not set`,
    advice: 'Another webhook or policy sets it: find and stop it.',
  };
}

/** Judges a trial whose object did not get its label. */
export function unlabelled(direction: Direction, namespace: string, why: string): Judgement {
  const message = `${objectOf(direction, namespace)} does not get ${labelsOf(direction).lacks}: ${why}`;
  return { name: `adds-${direction}`, status: 'failure', message };
}

function objectOf(direction: Direction, namespace: string): string {
  // As `trialLabels` makes it: with `rule.reverse: managed`, another object does not get the label.
  const whose = direction === 'owner' ? ' of Envoy Gateway' : '';
  return `a ServiceAccount${whose} with only ${labelsOf(direction).has}, created in ${namespace} by server-side dry run,`;
}

/** Judges a rejected object, as with failurePolicy Fail: the API server says why. */
function judgeRefusal(problem: Problem, direction: Direction, namespace: string): Omit<Judgement, 'name'> {
  const { code, message } = problem;
  const [, denying = ''] = /admission webhook "([^"]*)" denied the request/.exec(message) ?? [];
  if (directionOf(denying) === direction) return { status: 'failure', ...ofFault('wrong-answer', message) };
  const [, webhook, why = ''] = /failed calling webhook "([^"]*)": (.*)/s.exec(message) ?? [];
  if (webhook !== undefined && directionOf(webhook) === direction) {
    return { status: 'failure', ...ofFault(faultInText(why), message) };
  }
  if (webhook !== undefined) {
    const advice = `${webhook} is a different webhook: the dry run fails before this one is called.`;
    return { status: 'skipped', class: faultInText(why), message, advice };
  }
  const fault = faultOf(problem);
  if (fault === 'missing') {
    const advice = 'Use -n to choose a namespace that exists.';
    return { status: 'warning', class: fault, message: `cannot create an object in ${namespace}: ${message}`, advice };
  }
  const isAsked = code === undefined || fault === 'forbidden';
  const advice = isAsked
    ? callAdvice(fault).advice
    : 'A policy or another webhook rejects it: use -n to try another namespace.';
  return { status: 'warning', class: fault, message: `cannot create an object: ${message}`, advice };
}

/** A cause with its class, and what to do. */
export function ofFault(fault: Fault, message: string): Cause {
  return { class: fault, message, ...callAdvice(fault) };
}
