import { caBundleOf, ENTRY_NAMES, type WebhookEntry } from '../installation/configuration.ts';
import type { Direction } from '../installation/direction.ts';
import type { Outcome } from '../installation/outcome.ts';
import { sendingOf } from '../installation/sending.ts';
import { type Trial, trialLabels } from '../installation/trial.ts';
import type { Labels } from '../objects/label-selector.ts';
import { callAdvice } from './advice.ts';
import type { Fault, Judgement } from './check.ts';
import { faultOf } from './fault.ts';
import { type Cause, isJudged, judgeTrial, ofFault, unlabelled } from './trial-judgement.ts';

/** What a review that was not sent by admission met on its way. */
export interface Reached {
  /** Who has sent it: the API server, as a proxy, or this machine. */
  readonly from: 'control-plane' | 'here';
  /** Absent: the right answer, or none was to be had. */
  readonly fault?: Fault;
  /** Only clients with a certificate are answered: what the webhook answers an API server is not known. */
  readonly isClosed?: boolean;
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
  if (isJudged(trial)) return judgeTrial(direction, namespace, trial);
  const { message, ...cause } = causeOf(evidence, trial.ms);
  return { ...unlabelled(direction, namespace, message), ...cause };
}

/** Judges what a review that was passed on to the webhook met: where a policy labels first, no trial tells of the webhook. */
export function judgeReached(direction: Direction, reached: readonly Reached[]): Judgement {
  const name = `webhook-adds-${direction}`;
  const met = reached.find(({ fault }) => fault !== undefined);
  if (met?.fault) return { name, status: 'failure', ...ofFault(met.fault, `${SENDERS[met.from]} meets: ${met.text}`) };
  if (reached.some(({ isClosed }) => isClosed)) {
    return { name, status: 'skipped', message: `the webhook cannot be asked from here: ${CLOSED}` };
  }
  if (reached.length === 0) return { name, status: 'skipped', message: 'the webhook cannot be asked from here' };
  return { name, status: 'ok', message: `the webhook, asked to add the ${direction} label, gives the right answer` };
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

  if (reached.some(({ isClosed }) => isClosed)) {
    const advice =
      'Have each API server present one: docs/certificates.md, "Client certificates". Its log says whether it does.';
    return { message: `${CLOSED}, and perhaps the API server presents none`, advice };
  }
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

const CLOSED = 'it answers only clients with a certificate (webhook.clientCA)';

/** What the API server counts a call as that got no answer, or none that it could read. */
const UNREACHED = '503';

const ANSWERED = '200';

const SENDERS = { 'control-plane': 'the API server, asked to pass a review on,', here: 'a review from here' } as const;
