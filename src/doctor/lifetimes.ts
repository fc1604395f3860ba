import type { X509Certificate } from 'node:crypto';
import { readBundle } from '../certificates/ca.ts';
import { releaseOf, type WebhookConfiguration } from '../installation/configuration.ts';
import { PROVIDED } from '../installation/release-name.ts';

export type CertificateMode = 'self' | 'cert-manager' | 'provided';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** With less than this left, renewal is overdue, or up to the user: as in the chart's alerts (docs/runbooks.md). */
export const OVERDUE_MS: Readonly<Record<CertificateMode, { readonly serving: number; readonly ca: number }>> = {
  self: { serving: 6 * HOUR_MS, ca: 90 * DAY_MS },
  'cert-manager': { serving: 21 * DAY_MS, ca: 45 * DAY_MS },
  provided: { serving: 14 * DAY_MS, ca: 14 * DAY_MS },
};

/** Provided certificates may have a shorter lifetime than that: then the last third of it counts. */
const SHARE_LEFT = 1 / 3;

/** The certificate mode, as far as the configuration shows it. */
export function certificateMode(configuration: WebhookConfiguration, caBundles: readonly string[]): CertificateMode {
  const { name, annotations = {} } = configuration.metadata;
  if (Object.keys(annotations).some((key) => key.startsWith('cert-manager.io/'))) return 'cert-manager';
  if (name.endsWith(PROVIDED)) return 'provided';
  // Whatever the caBundle of a release has become, the webhook writes it.
  const isOurs =
    releaseOf(configuration) !== undefined || caBundles.some((caBundle) => readBundle(caBundle).length > 0);
  return isOurs ? 'self' : 'provided';
}

/** Reports whether a certificate should have been renewed. */
export function ageOf(
  { validFromDate, validToDate }: X509Certificate,
  { mode, kind, now }: { readonly mode: CertificateMode; readonly kind: 'serving' | 'ca'; readonly now: Date },
): 'good' | 'overdue' | 'expired' {
  const left = validToDate.getTime() - now.getTime();
  if (left <= 0) return 'expired';
  const life = validToDate.getTime() - validFromDate.getTime();
  return left < Math.min(OVERDUE_MS[mode][kind], life * SHARE_LEFT) ? 'overdue' : 'good';
}
