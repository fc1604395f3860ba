import { X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import { readDirectory, writeDirectory } from './directory.ts';
import { issueCA, issueServingCertificate, type KeyedCertificate } from './issue.ts';
import { type PlanContext, planCertificates, type ServingCertificate, type StoredCertificates } from './plan.ts';
import { validFrom } from './renewal.ts';
import { TIMING } from './timing.ts';

/**
 * How often the directory and the clock are read. Reading four small files is cheap, and a file watch could miss a symlink
 * swap; the kubelet itself takes up to a minute to update a Secret. A single long timer would not do: a suspended process
 * misses it.
 */
const POLL_MS = 10_000;

/** An empty directory takes three: a CA, a serving certificate, use. More mean that something else writes there, too. */
const MOST_ROUNDS = 5;

export interface KeepOptions {
  readonly directory: string;
  /** DNS names and addresses for serving certificates that are issued here. */
  readonly names: readonly string[];
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Called for each serving certificate that replaces another. */
  readonly onReplaced: (serving: ServingCertificate) => void;
  /** Called when new certificates cannot be used, so the ones in use stay. */
  readonly onRefused: () => void;
  readonly now?: () => Date;
  readonly pollMs?: number;
}

export interface CertificateKeeper {
  /** The serving certificate in use. */
  readonly serving: () => ServingCertificate;
  /** Checks the directory now; also called by a timer. */
  readonly check: () => Promise<void>;
  readonly stop: () => void;
}

/**
 * Maintains a serving certificate in a directory: issues, renews and reloads it.
 *
 * Rejects if there is no usable one at the start; later, unusable ones are refused and the one in use stays.
 */
export async function keepCertificates(options: KeepOptions): Promise<CertificateKeeper> {
  const { directory, names, logger, onReplaced, onRefused, now = () => new Date(), pollMs = POLL_MS } = options;

  const first = await settle(directory, { names, now: now(), serving: false }, logger);
  if (first.action === 'refuse') {
    const advice = 'put tls.crt, tls.key, and ca.crt there, or empty the directory to have them created';
    throw new Error(`Cannot serve with the certificates in ${directory}: ${first.reason}; ${advice}`);
  }
  let inUse = first.serving;
  let lastRefusal: string | undefined;

  const check = async () => {
    const plan = await settle(directory, { names, now: now(), serving: true }, logger);
    if (plan.action === 'use') {
      lastRefusal = undefined;
      if (isSame(plan.serving, inUse)) return;
      inUse = plan.serving;
      logger.info({ directory, notAfter: inUse.notAfter }, 'replaced the serving certificate');
      onReplaced(inUse);
    } else if (plan.reason !== lastRefusal) {
      lastRefusal = plan.reason;
      logger.warn({ directory, reason: plan.reason }, 'refused certificates, keeping the ones in use');
      onRefused();
    }
  };

  let timer: NodeJS.Timeout;
  const poll = () => {
    timer = setTimeout(async () => {
      await check().catch((error) => logger.error({ err: error, directory }, 'failed to check the certificates'));
      poll();
    }, pollMs).unref();
  };
  poll();
  return { serving: () => inUse, check, stop: () => clearTimeout(timer) };
}

/** Issues what is due until the serving certificate of the directory can be used, or must be refused. */
async function settle(directory: string, context: PlanContext, logger: KeepOptions['logger']) {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const stored = await readDirectory(directory);
    const plan = planCertificates(stored, context);
    if (plan.action === 'use' || plan.action === 'refuse') return plan;

    const certificate = plan.action === 'issue-ca' ? 'CA' : 'serving certificate';
    logger.info({ directory, certificate, reason: plan.reason }, 'issuing a certificate');
    const files = plan.action === 'issue-ca' ? await newCA(stored, context) : await newServing(plan.ca, context);
    await writeDirectory(directory, files);
  }
  return { action: 'refuse', reason: 'something else writes to the directory' } as const;
}

/** A new CA with its first serving certificate; the previous CA, which is still registered, also stays in ca.crt. */
async function newCA(stored: StoredCertificates, context: PlanContext): Promise<StoredCertificates> {
  const ca = await issueCA(validFrom(context.now, TIMING.caLifetimeMs));
  const previous = stored['ca.crt'] === undefined ? '' : new X509Certificate(stored['ca.crt']).toString();
  return { 'ca.crt': ca.cert + previous, 'ca.key': ca.key, ...(await newServing(ca, context)) };
}

async function newServing(ca: KeyedCertificate, { names, now }: PlanContext): Promise<StoredCertificates> {
  const { cert, key } = await issueServingCertificate({ ca, names, ...validFrom(now, TIMING.servingLifetimeMs) });
  return { 'tls.crt': cert, 'tls.key': key };
}

function isSame(a: ServingCertificate, b: ServingCertificate): boolean {
  return a.cert === b.cert && a.ca === b.ca;
}
