import { type CA, type CACertificate, has, hasSigned, type SigningCA, shortened } from '../../certificates/ca.ts';
import { writeSecretContent } from '../../certificates/ca-secret.ts';
import { newCA } from '../../certificates/new-ca.ts';
import { BACKDATE_MS } from '../../certificates/renewal.ts';
import { leavesAt, TIMING } from '../../certificates/timing.ts';
import { readTrust, type TrustReading } from '../../certificates/trust-reading.ts';
import { Conflict, type TrustStore } from '../../certificates/trust-store.ts';
import type { Served } from '../../installation/served.ts';
import type { Context } from '../context.ts';
import type { InstalledCertificates } from './installation.ts';
import { Patience, TimeOver } from './patience.ts';
import { Progress } from './progress.ts';

export interface RotateOptions {
  /** Whether to remove the previous CAs immediately, because a key has leaked. */
  readonly distrustOld: boolean;
  readonly timeoutMs: number;
  readonly pollMs?: number;
}

/** Replicas poll every ten seconds; polling more often than that shows each of their steps soon enough. */
const POLL_MS = 2_000;

/** An interrupted rotation is continued for this long. After that, a new one is started. */
const GOES_ON_FOR_MS = 60 * 60 * 1000;

/** Conflicts for one write: with a few replicas, more than this is no longer a race. */
const MOST_CONFLICTS = 10;

interface Rotation {
  /** The CA that replicas should sign with. */
  readonly target: CACertificate;
  readonly isNew: boolean;
}

/** Where a rotation stands. */
interface Standing extends TrustReading {
  readonly served: readonly Served[];
}

/**
 * Starts a rotation of the CA, and waits until every ready replica serves a certificate from the new one. The replicas do
 * everything after the first step, so neither interrupting this command nor an unavailable API server stops the rotation.
 * Returns the exit code: 0; or, after the timeout, 1, or 2 if the API server could not be reached.
 */
export async function certsRotate(
  installation: InstalledCertificates,
  { distrustOld, timeoutMs, pollMs = POLL_MS }: RotateOptions,
  context: Context,
): Promise<0 | 1 | 2> {
  const progress = new Progress(context);
  const patience = new Patience({ timeoutMs, pollMs, mayPass: installation.mayPass, progress });
  try {
    const { target, isNew } = await begin(installation, distrustOld, patience, progress);
    const done = await patience.untilComplete(
      () => look(installation),
      (standing) => missingFor(target, standing),
    );
    context.stdout.write(
      `${done.served.length} of ${done.served.length} ready Pods serve certificates from ${nameOf(target)}\n`,
    );
    if (!distrustOld) {
      for (const ca of done.secret.cas) {
        if (ca.state !== 'retired' || !isRegistered(ca, done)) continue;
        context.stdout.write(`${nameOf(ca)} leaves the caBundle at ${leavesAt(ca, TIMING).toISOString()}\n`);
      }
      return 0;
    }

    await patience.until(() => distrustOthers(target, installation.store));
    progress.show('the previous CAs are distrusted');
    // It no longer matters which Pods are ready, so do not ask: that request could fail.
    await patience.untilComplete(() => readTrust(installation.store), missingInBundles);
    context.stdout.write('no other CA is trusted anymore\n');
    if (!isNew) {
      // It was in the Secret already, and may have leaked with the others.
      const madeAt = new Date(target.notBefore.getTime() + BACKDATE_MS).toISOString();
      context.stdout.write(
        `${nameOf(target)} was created at ${madeAt}: if a key leaked after that, run this command again\n`,
      );
    }
    return 0;
  } catch (error) {
    if (!(error instanceof TimeOver)) throw error;
    context.stderr.write(`error: ${error.message}\n`);
    return error.exitCode;
  }
}

/** Creates a CA, or finds the CA of an unfinished rotation. */
async function begin(
  installation: InstalledCertificates,
  distrustOld: boolean,
  patience: Patience,
  progress: Progress,
): Promise<Rotation> {
  let before: CA | undefined;
  let made: SigningCA | undefined;
  const attempt = async (): Promise<Rotation> => {
    const standing = await look(installation);
    const { cas, resourceVersion } = standing.secret;
    // Written, but the answer was lost.
    if (made && has(cas, made)) return { target: made, isNew: true };

    const pending = cas.find(({ state }) => state === 'pending');
    if (pending) {
      progress.show('a rotation is in progress: continuing it');
      return { target: pending, isNew: false };
    }
    const active = cas.find(({ state }) => state === 'active');
    if (!active) throw new Error('Cannot rotate: there is no active CA yet; see `certs status`');
    before ??= active;
    if (active.fingerprint !== before.fingerprint || isUnfinished(active, standing, distrustOld)) {
      progress.show('a rotation is unfinished: continuing it');
      return { target: active, isNew: false };
    }
    made ??= await newCA('pending', standing.now, TIMING.caLifetimeMs);
    await installation.store.writeSecret(resourceVersion, writeSecretContent([...cas, made]));
    return { target: made, isNew: true };
  };
  const rotation = await patience.until(() => withoutConflict(attempt));
  if (rotation.isNew) progress.show(`created ${nameOf(rotation.target)}`);
  return rotation;
}

function isUnfinished(active: CA, standing: Standing, distrustOld: boolean): boolean {
  if (standing.now.getTime() - active.since.getTime() > GOES_ON_FOR_MS) return false;
  // Including a distrusted one: that rotation was interrupted before the caBundle was updated.
  const former = standing.secret.cas.filter((ca) => ca.state !== 'active' && isRegistered(ca, standing));
  return former.some((ca) => distrustOld || standing.served.some((served) => isServedFrom(ca, served)));
}

/** Says what is still missing until every ready Pod serves from a CA; undefined when all do. */
function missingFor(target: CACertificate, standing: Standing): string | undefined {
  const state = stateOf(target, standing.secret.cas);
  if (state === 'pending') {
    return isRegistered(target, standing)
      ? `${nameOf(target)} is in the caBundle and starts signing once every API server has seen it, in about a minute`
      : `${nameOf(target)} is not in the caBundle yet`;
  }
  if (state !== 'active') throw replaced(target);
  if (standing.served.length === 0) return 'no Pod is ready';

  const others = standing.served.filter((served) => !isServedFrom(target, served));
  const problem = others.find((served) => 'problem' in served);
  if (problem && 'problem' in problem) return problem.problem;
  const all = standing.served.length;
  return others.length === 0
    ? undefined
    : `${all - others.length} of ${all} ready Pods serve certificates from ${nameOf(target)}`;
}

/** Distrusts all other CAs; the replicas remove them from the caBundle at their next poll. */
async function distrustOthers(target: CACertificate, store: TrustStore): Promise<void> {
  await withoutConflict(async () => {
    const { secret, now } = await readTrust(store);
    if (stateOf(target, secret.cas) !== 'active') throw replaced(target);
    // None is left: the answer to the write was lost, or this continues a rotation that was interrupted here.
    if (!secret.cas.some(({ state }) => state === 'retired')) return;
    const cas = secret.cas.map((ca): CA => (ca.state === 'retired' ? { ...ca, state: 'distrusted', since: now } : ca));
    await store.writeSecret(secret.resourceVersion, writeSecretContent(cas));
  });
}

/** Says which CA is still in a caBundle though it is distrusted. */
function missingInBundles(reading: TrustReading): string | undefined {
  const left = reading.secret.cas.find((ca) => ca.state === 'distrusted' && isRegistered(ca, reading));
  return left && `${nameOf(left)} is still in the caBundle`;
}

async function look({ store, served }: InstalledCertificates): Promise<Standing> {
  const [reading, services] = await Promise.all([readTrust(store), served()]);
  return { ...reading, served: services.flatMap((service) => service.served) };
}

async function withoutConflict<T>(write: () => Promise<T>): Promise<T> {
  for (let conflicts = 0; ; conflicts += 1) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof Conflict) || conflicts === MOST_CONFLICTS) throw error;
    }
  }
}

function isRegistered(ca: CACertificate, { configuration }: TrustReading): boolean {
  return configuration.entries.some(({ cas }) => has(cas, ca));
}

function isServedFrom(ca: CACertificate, served: Served): boolean {
  return 'certificate' in served && hasSigned(ca, served.certificate);
}

function stateOf({ fingerprint }: CACertificate, cas: readonly CA[]): CA['state'] | undefined {
  return cas.find((ca) => ca.fingerprint === fingerprint)?.state;
}

function replaced(target: CACertificate): Error {
  return new Error(`Cannot continue: ${nameOf(target)} was replaced in the meantime`);
}

function nameOf({ fingerprint }: CACertificate): string {
  return `CA ${shortened(fingerprint)}`;
}
