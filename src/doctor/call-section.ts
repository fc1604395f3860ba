import type { Labels } from '../objects/label-selector.ts';
import { sendingOf } from '../objects/webhook-entry.ts';
import { callAdvice } from './advice.ts';
import type { Fault, Judgement } from './check.ts';
import { faultInText, faultOf } from './fault.ts';
import { labelsOf } from './made-entry.ts';
import type { Outcome, Problem } from './outcome.ts';
import { TRIAL_GATEWAY, type Trial, trialLabels } from './trial.ts';
import { caBundleOf, type Direction, ENTRY_NAMES, type WebhookEntry } from './webhook-configuration.ts';

/** What a review that was not sent by admission met on its way. */
export interface Reached {
  /** Who has sent it: the API server, as a proxy, or this machine. */
  readonly from: 'control-plane' | 'here';
  /** Absent: the right answer. */
  readonly fault?: Fault;
  readonly text: string;
}

/** All that is known of a call. */
export interface CallEvidence {
  readonly direction: Direction;
  readonly configuration: string;
  /** Of the trial. */
  readonly namespace: string;
  readonly trial: Trial;
  /** The one that should have been called. */
  readonly entry: Outcome<WebhookEntry | undefined>;
  /** Of the namespace; undefined: they may not be read. */
  readonly namespaceLabels: Labels | undefined;
  /** In the order in which they count. */
  readonly reached: readonly Reached[];
  /** How often the API server called during a trial, by the HTTP status that it got. Undefined: its metrics may not be read. */
  readonly counted: Readonly<Record<string, number>> | undefined;
}

/** Judges whether an object that lacks a label gets it, and says what keeps it from that, as far as that can be told. */
export function judgeCall(evidence: CallEvidence): Judgement {
  const { direction, namespace, trial } = evidence;
  const name = `adds-${direction}`;
  const { has, lacks } = labelsOf(direction);
  const object = `a ServiceAccount with only ${has}, created in ${namespace} by dry run,`;
  if (trial.outcome === 'refused') return { name, ...judgeRefusal(trial.problem, evidence) };
  if (trial.added === TRIAL_GATEWAY) return { name, status: 'ok', message: `${object} comes back with both labels` };

  const status = 'failure';
  if (trial.added !== undefined) {
    const message = `${object} comes back with ${lacks}: ${trial.added}, which is not of this webhook`;
    return {
      name,
      status,
      class: 'wrong-answer',
      message,
      advice: 'Another webhook or policy sets it, and must stop.',
    };
  }
  const cause = causeOf(evidence, trial.ms);
  return { name, status, ...cause, message: `${object} comes back without ${lacks}: ${cause.message}` };
}

type Cause = Pick<Judgement, 'class' | 'message' | 'advice' | 'details'> & { readonly status?: 'warning' };

/** An object that is refused, as with failurePolicy Fail: the API server says why. */
function judgeRefusal(problem: Problem, { direction, namespace }: CallEvidence): Omit<Judgement, 'name'> {
  const { code, message } = problem;
  if (message.includes(`admission webhook "${ENTRY_NAMES[direction]}" denied the request`)) {
    return { status: 'failure', ...ofFault('wrong-answer', message) };
  }
  const [, webhook, why = ''] = /failed calling webhook "([^"]*)": (.*)/s.exec(message) ?? [];
  if (webhook === ENTRY_NAMES[direction]) return { status: 'failure', ...ofFault(faultInText(why), message) };
  if (webhook !== undefined) {
    const advice = `The webhook ${webhook} is another one: the trial ends before ours is called.`;
    return { status: 'warning', class: faultInText(why), message, advice };
  }
  const fault = faultOf(problem);
  if (fault === 'missing') {
    const advice = 'Name a namespace that there is by -n.';
    return { status: 'warning', class: fault, message: `cannot be tried in ${namespace}: ${message}`, advice };
  }
  const isAsked = code === undefined || fault === 'forbidden';
  const advice = isAsked
    ? callAdvice(fault).advice
    : 'A policy or another webhook refuses it: try another namespace by -n.';
  return { status: 'warning', class: fault, message: `cannot be tried: ${message}`, advice };
}

function causeOf(evidence: CallEvidence, ms: number): Cause {
  const { configuration, direction, entry, namespace, namespaceLabels } = evidence;
  if (entry.problem) {
    const message = `why cannot be told, as the configuration cannot be read. ${entry.problem.message}`;
    return ofFault(faultOf(entry.problem), message);
  }
  if (!entry.value) {
    const message = `there is no MutatingWebhookConfiguration ${configuration} with the entry ${ENTRY_NAMES[direction]}`;
    return { class: 'missing', message, advice: 'Install the chart; `helm upgrade` brings back what was deleted.' };
  }
  const creation = { kind: 'ServiceAccount', namespace, labels: trialLabels(direction), namespaceLabels } as const;
  const { sent, because } = sendingOf(entry.value, creation);
  const message = because.join('; ');
  // Whoever made the selector of namespaces meant it.
  const isOtherNamespace = sendingOf(entry.value, { ...creation, namespaceLabels: undefined }).sent !== 'no';
  if (sent === 'no' && isOtherNamespace) {
    return { status: 'warning', message, advice: 'Name a namespace that it selects by -n.' };
  }
  if (sent === 'no') return { class: 'changed', message, ...callAdvice('changed') };
  if (caBundleOf(entry.value) === '') {
    const advice = 'No replica has become ready since the configuration was made: see their log.';
    return { class: 'missing', message: 'the caBundle is empty, so that the API server trusts no replica', advice };
  }
  return uncalled(evidence, entry.value, { ms, perhaps: because });
}

/** The webhook is to be called, and is not, or does not answer as it should. */
function uncalled(
  { reached, counted }: CallEvidence,
  entry: WebhookEntry,
  { ms, perhaps }: { readonly ms: number; readonly perhaps: readonly string[] },
): Cause {
  const met = reached.find(({ fault }) => fault !== undefined);
  if (met?.fault) return ofFault(met.fault, `${SENDERS[met.from]} meets: ${met.text}`);

  const elsewhere = reached.map(({ from }) => SENDERS[from]).join(' and ');
  const although = elsewhere === '' ? '' : `, though ${elsewhere} gets the right answer`;
  if (ms >= entry.timeoutSeconds * 1000) {
    return ofFault('timeout', `the API server has waited ${(ms / 1000).toFixed(1)} s for an answer${although}`);
  }
  const statuses = Object.keys(counted ?? {});
  const status = statuses.find((code) => code !== UNREACHED && code !== ANSWERED);
  if (status !== undefined) return ofFault('wrong-answer', `the API server got HTTP status ${status}${although}`);

  const or = perhaps.map((reason) => `; or ${reason} against it`).join('');
  if (counted && statuses.length === 0) {
    const message = `the API server that answered has not called the webhook${or}`;
    return { message, advice: 'A configuration takes effect some seconds after it is made: try again.' };
  }
  return {
    message: `the API server does not get through, at once${although}${or}`,
    advice:
      'Either it refuses the certificate, see the section certificates, or something between it and the Pods refuses the ' +
      'connection: a NetworkPolicy, a firewall, or kube-proxy on its machine. Its log says which: `failed calling webhook`.',
  };
}

/** What the API server counts a call as that got no answer, or none that it could read. */
const UNREACHED = '503';

const ANSWERED = '200';

const SENDERS = { 'control-plane': 'the API server, asked to pass a review on,', here: 'a review from here' } as const;

function ofFault(fault: Fault, message: string): Cause {
  return { class: fault, message, ...callAdvice(fault) };
}
