import { readCertificates } from '../certificates/ca.ts';
import { attemptsOf, entryName } from '../installation/attempts.ts';
import { caBundleOf, type WebhookEntry } from '../installation/configuration.ts';
import type { Direction } from '../installation/direction.ts';
import type { Installation } from '../installation/installation.ts';
import { type Sending, sendingOf } from '../installation/sending.ts';
import { type Trial, trialLabels } from '../installation/trial.ts';
import type { Labels } from '../objects/label-selector.ts';
import { callAdvice } from './advice.ts';
import type { Fault, Judgement } from './check.ts';
import { faultOf } from './fault.ts';
import { type Cause, isJudged, judgeTrial, ofFault, unlabelled } from './trial-judgement.ts';

/** The result of a review that was sent outside of admission. */
export interface Reached {
  /** The entry that the API server would have called. */
  readonly entry: string;
  /** The sender: the API server, as a proxy, or this machine. */
  readonly from: 'control-plane' | 'here';
  /** Absent for the right answer, or if none could be obtained. */
  readonly fault?: Fault;
  /** Only clients with a certificate are served, so the answer for an API server is unknown. */
  readonly isClosed?: boolean;
  readonly text: string;
}

/** Everything that is known about a call. */
export interface CallEvidence {
  readonly direction: Direction;
  readonly installation: Installation;
  /** Where the trial creates its object. */
  readonly namespace: string;
  readonly trial: Trial;
  /** The labels of that namespace; undefined if they cannot be read. */
  readonly namespaceLabels: Labels | undefined;
  /** In order of significance. */
  readonly reached: readonly Reached[];
  /** The number of calls during a trial, by the HTTP status that the API server got. Undefined if its metrics cannot be read. */
  readonly counted: Readonly<Record<string, number>> | undefined;
}

/** Judges whether an object gets its missing label, and if not, says why, as far as possible. */
export function judgeCall(evidence: CallEvidence): Judgement {
  const { direction, namespace, trial } = evidence;
  if (isJudged(trial)) return judgeTrial(direction, namespace, trial);
  const { message, ...cause } = causeOf(evidence, trial.ms);
  return { ...unlabelled(direction, namespace, message), ...cause };
}

/**
 * Judges reviews that were sent to the webhook outside of admission: if a policy labels first, a trial says nothing about the
 * webhook. `isTrusted`: the certificates of the Pods were compared with the caBundles, which the API server's proxy does not do.
 */
export function judgeReached(direction: Direction, reached: readonly Reached[], isTrusted: boolean): Judgement {
  const name = `webhook-adds-${direction}`;
  const met = reached.find(({ fault }) => fault !== undefined);
  if (met?.fault) return { name, status: 'failure', ...ofFault(met.fault, metText(met)) };
  if (reached.some(({ isClosed }) => isClosed)) {
    return { name, status: 'skipped', message: `cannot call the webhook from here: ${CLOSED}` };
  }
  if (reached.length === 0) return { name, status: 'skipped', message: 'cannot call the webhook from here' };
  const entries = [...new Set(reached.map(({ entry }) => entry))].join(' and ');
  const message = `the webhook answers correctly (${entries})`;
  if (isTrusted || reached.some(({ from }) => from === 'here')) return { name, status: 'ok', message };
  return {
    name,
    status: 'skipped',
    message: `${message}, but it is unknown whether the API server trusts its certificate`,
    advice: 'This check requires permission to get and create pods/portforward: see the section permissions.',
  };
}

function causeOf(evidence: CallEvidence, ms: number): Cause {
  const { installation, direction, namespace, namespaceLabels } = evidence;
  const { problem } = installation.configuration;
  if (problem) {
    const message = `cause unknown, the webhook configuration cannot be read. ${problem.message}`;
    return ofFault(faultOf(problem), message);
  }
  const attempts = attemptsOf(installation.configuration.value, direction);
  const creation = { kind: 'ServiceAccount', namespace, labels: trialLabels(direction), namespaceLabels } as const;
  const sendings = attempts.map((entry) => ({ entry, ...sendingOf(entry, creation) }));
  const [first, ...others] = sendings.filter(({ sent }) => sent !== 'no');
  if (first) return causeAmong(evidence, [first, ...others], ms);

  const last = sendings.at(-1);
  if (!last) return causeOfNoEntry(installation, direction);
  const message = `${last.entry.name}: ${last.because.join('; ')}`;
  // Only the namespaceSelector is in the way.
  const anywhere = { ...creation, namespaceLabels: undefined };
  if (attempts.some((entry) => sendingOf(entry, anywhere).sent !== 'no')) {
    return { status: 'skipped', message, advice: 'Use -n to choose a namespace that it selects.' };
  }
  return { class: 'changed', message, ...callAdvice('changed') };
}

function causeOfNoEntry({ name, policies }: Installation, direction: Direction): Cause {
  const message = `MutatingWebhookConfiguration ${name} with entry ${entryName(direction)} not found`;
  if (policies.problem) {
    const unknown = `${message}, and cannot tell whether policies add labels. ${policies.problem.message}`;
    return ofFault(faultOf(policies.problem), unknown);
  }
  return { class: 'missing', message, advice: 'Install the chart, or run `helm upgrade` to restore what was deleted.' };
}

type Attempt = Sending & { readonly entry: WebhookEntry };

/** These entries match, and nothing visible from here keeps the API server from calling the webhook. */
function causeAmong(evidence: CallEvidence, attempts: readonly [Attempt, ...Attempt[]], ms: number): Cause {
  const untrusted = attempts.filter(({ entry }) => readCertificates(caBundleOf(entry)).length === 0);
  if (untrusted.length === attempts.length) {
    const of = `the caBundle of ${untrusted.map(({ entry }) => entry.name).join(' and ')}`;
    if (untrusted.some(({ entry }) => caBundleOf(entry) !== '')) {
      const message = `${of} contains no readable certificate, so the API server trusts no replica`;
      return { class: 'tls', message, advice: 'See the section certificates.' };
    }
    const advice = 'No replica has become ready since the configuration was created: read their logs.';
    return { class: 'missing', message: `${of} is empty, so the API server trusts no replica`, advice };
  }
  return uncalled(evidence, attempts, ms);
}

/** The webhook should be called, but is not, or does not answer correctly. */
function uncalled({ reached, counted }: CallEvidence, attempts: readonly [Attempt, ...Attempt[]], ms: number): Cause {
  const met = reached.find(({ fault }) => fault !== undefined);
  if (met?.fault) return ofFault(met.fault, metText(met));

  if (reached.some(({ isClosed }) => isClosed)) {
    const advice =
      'Configure each API server to present one: see docs/certificates.md, "Client certificates". Its log shows failed calls.';
    return { message: `${CLOSED}, and the API server may not present one`, advice };
  }
  const elsewhere = [...new Set(reached.map(({ from }) => SENDERS[from]))].join(' and ');
  const although = elsewhere === '' ? '' : `, although ${elsewhere} got the right answer`;
  const statuses = Object.keys(counted ?? {});
  const isCalled = counted === undefined || statuses.length > 0;
  // Without counts, it may have waited for another webhook.
  if (isCalled && ms >= Math.min(...attempts.map(({ entry }) => entry.timeoutSeconds)) * 1000) {
    const whose = counted ? '' : ', from this webhook or another one';
    return ofFault('timeout', `the API server waited ${(ms / 1000).toFixed(1)} s for an answer${whose}${although}`);
  }
  const status = statuses.find((code) => code !== UNREACHED && code !== ANSWERED);
  if (status !== undefined) return ofFault('wrong-answer', `the API server got HTTP status ${status}${although}`);

  const or = attempts[0].because.map((reason) => `; whether it is called ${reason}`).join('');
  if (!isCalled) {
    const message = `the API server that answered did not call the webhook${or}`;
    return { message, advice: 'A configuration takes effect a few seconds after it is created: try again.' };
  }
  return {
    message: `the API server fails immediately${although}${or}`,
    advice:
      'Either it rejects the certificate (see the section certificates), or something between it and the Pods rejects the ' +
      'connection: a NetworkPolicy, a firewall, or kube-proxy on its node. Look for `failed calling webhook` in its log.',
  };
}

function metText({ entry, from, text }: Reached): string {
  return `${entry}: ${SENDERS[from]} failed: ${text}`;
}

const CLOSED = 'it only serves clients with a certificate (webhook.clientCA)';

/** The code under which the API server counts a call without a readable answer. */
const UNREACHED = '503';

const ANSWERED = '200';

const SENDERS = { 'control-plane': 'a review proxied by the API server', here: 'a review sent from here' } as const;
