import type { X509Certificate } from 'node:crypto';
import { readCertificates } from '../certificates/ca.ts';
import { timeLeft } from '../certificates/time-left.ts';
import type { CABundle } from '../installation/ca-bundle.ts';
import type { Refusal, Served } from '../installation/served.ts';
import type { Judgement } from './check.ts';
import { faultInText } from './fault.ts';
import { ageOf, type CertificateMode } from './lifetimes.ts';

export interface Circumstances {
  readonly mode: CertificateMode;
  /** By the API server's clock: that of this machine may be wrong. */
  readonly now: Date;
}

const RENEWAL: Readonly<Record<CertificateMode, string>> = {
  self: 'The webhook renews it automatically: its log shows why it did not.',
  'cert-manager':
    "cert-manager renews it: the Certificate's events show why it did not (`kubectl describe certificate`).",
  provided: 'Replace the Secret; for a new CA, first add it to certificates.provided.caBundle.',
};

const EXPIRING = 'See docs/runbooks.md, GatewayNameWebhookCertificateExpiring.';

/** Judges the CAs that the API server trusts. */
export function judgeBundle({ entries, caBundle }: CABundle, { mode, now }: Circumstances): Judgement {
  const name = 'ca-bundle';
  const of = `the caBundle of ${entries.join(' and ')}`;
  if (caBundle === '') {
    return {
      name,
      status: 'failure',
      class: 'missing',
      message: `${of} is empty: the API server does not trust the webhook`,
      advice:
        mode === 'cert-manager'
          ? "cert-manager's cainjector has not injected it: read its log."
          : 'No replica has become ready since the configuration was created: read their logs.',
    };
  }
  const certificates = readCertificates(caBundle);
  const last = certificates.reduce<X509Certificate | undefined>(
    (latest, one) => (latest && latest.validToDate >= one.validToDate ? latest : one),
    undefined,
  );
  if (!last) {
    const message = `${of} contains no readable certificate`;
    return { name, status: 'failure', class: 'tls', message, advice: RENEWAL[mode] };
  }
  const { length } = certificates;
  const held = `${of} contains ${length === 1 ? 'one CA' : `${length} CAs`}`;
  const age = ageOf(last, { mode, kind: 'ca', now });
  if (age === 'good') {
    return { name, status: 'ok', message: `${held}, valid for ${timeLeft(last.validToDate, now)}` };
  }
  const expires = `${age === 'expired' ? 'expired' : 'expires'} at ${last.validToDate.toISOString()}`;
  return {
    name,
    status: age === 'expired' ? 'failure' : 'warning',
    class: 'tls',
    message: `${held}, ${length === 1 ? 'which' : 'the last of which'} ${expires}`,
    advice: `${RENEWAL[mode]} ${EXPIRING}`,
  };
}

/** Judges the certificates of the ready Pods: one line for all good ones, and one for each bad one. */
export function judgeServed(served: readonly Served[], circumstances: Circumstances): Judgement[] {
  const judged = served.map((one) => ({ one, fault: servingFault(one, circumstances) }));
  const good = judged.flatMap(({ one, fault }) => (fault || 'problem' in one ? [] : [one.certificate.validToDate]));
  // Without details, only empty caBundles reject it, which judgeBundle() reports, once for all Pods.
  const faults = judged.flatMap(({ fault }) => (fault && fault.details?.length !== 0 ? [fault] : []));
  if (good.length === 0) return faults;
  const least = new Date(Math.min(...good.map((date) => date.getTime())));
  const message =
    `${good.length} of ${served.length} ready Pods serve a certificate that every caBundle trusts, ` +
    `valid for ${timeLeft(least, circumstances.now)}`;
  return [{ name: 'served', status: 'ok', message }, ...faults];
}

/** Says what is wrong with the certificate of a Pod, if anything: a failure unless the API server accepts it now. */
export function servingFault(served: Served, { mode, now }: Circumstances): Judgement | undefined {
  const name = 'served';
  const { pod } = served;
  if ('problem' in served) {
    const fault = faultInText(served.problem);
    const advice =
      fault === 'forbidden'
        ? 'This needs permission to get and create pods/portforward.'
        : `Read the log of Pod ${pod}.`;
    return { name, status: 'failure', class: fault, message: served.problem, advice };
  }
  const { certificate } = served;
  const refusals = served.refusals.filter((refusal) => !isOfThisClock(refusal, certificate, now));
  const age = ageOf(certificate, { mode, kind: 'serving', now });
  const expiry = `expire${age === 'expired' ? 'd' : 's'} at ${certificate.validToDate.toISOString()}`;
  if (age === 'good' && refusals.length === 0) return undefined;
  if (age === 'expired' || refusals.length === 0) {
    return {
      name,
      status: age === 'expired' ? 'failure' : 'warning',
      class: 'tls',
      message: `Pod ${pod} serves a certificate that ${expiry}`,
      advice: `${RENEWAL[mode]} ${EXPIRING}`,
    };
  }
  return {
    name,
    status: 'failure',
    class: 'tls',
    message: `Pod ${pod} serves a certificate that the API server does not trust`,
    details: refusals.flatMap(({ entries, caBundle, problem }) =>
      caBundle === '' ? [] : [`caBundle of ${entries.join(' and ')}: ${problem}`],
    ),
    advice: TRUST[mode],
  };
}

/** The errors of a TLS client about the dates of a certificate or its CA. */
const OUT_OF_DATE = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];

/** A TLS client uses the clock of this machine. Reports whether that is the only reason for an error. */
function isOfThisClock({ caBundle, problem }: Refusal, certificate: X509Certificate, now: Date): boolean {
  const isInDate = ({ validFromDate, validToDate }: X509Certificate) => validFromDate <= now && now < validToDate;
  if (!OUT_OF_DATE.includes(problem) || !isInDate(certificate)) return false;
  return readCertificates(caBundle).some((ca) => isInDate(ca) && certificate.verify(ca.publicKey));
}

const TRUST: Readonly<Record<CertificateMode, string>> = {
  self:
    'The replicas repair the caBundle within 15 s. If not, read their logs. ' +
    'See docs/runbooks.md, GatewayNameWebhookCABundleOutOfSync.',
  'cert-manager': "Compare the Secret's ca.crt with the caBundle: cert-manager's cainjector keeps them in sync.",
  provided:
    'The caBundle must contain the CA that issued it, and it must be valid for the name that the API server calls.',
};
