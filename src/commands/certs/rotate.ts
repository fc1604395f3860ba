import { setTimeout as delay } from 'node:timers/promises';
import { type CA, type CACertificate, has, hasSigned } from '../../certificates/ca.ts';
import { writeSecretContent } from '../../certificates/ca-secret.ts';
import { newCA } from '../../certificates/new-ca.ts';
import { BACKDATE_MS } from '../../certificates/renewal.ts';
import { leavesAt, TIMING } from '../../certificates/timing.ts';
import { readTrust, type TrustReading } from '../../certificates/trust-reading.ts';
import { type Served, shortened } from '../../certificates/trust-report.ts';
import { Conflict, type TrustStore } from '../../certificates/trust-store.ts';
import type { Context } from '../context.ts';
import type { InstalledCertificates } from './installation.ts';

export interface RotateOptions {
  /** Whether the CAs before the new one must go at once, as a key has leaked. */
  readonly distrustOld: boolean;
  readonly timeoutMs: number;
  readonly pollMs?: number;
}

/** Replicas look every ten seconds: who looks more often than that sees each of their steps soon enough. */
const POLL_MS = 2_000;

/** A rotation that was interrupted is gone on with for so long. Later it is over, and another one is started. */
const GOES_ON_FOR_MS = 60 * 60 * 1000;

/** Lost races for one write: with a few replicas, one that often is not a race any more. */
const MOST_CONFLICTS = 10;

interface Rotation {
  /** The CA that is to sign. */
  readonly target: CACertificate;
  readonly isNew: boolean;
}

/** Where a rotation stands. */
interface Standing extends TrustReading {
  readonly served: readonly Served[];
}

/**
 * Has the replicas replace the CA, and waits until every ready one serves from the new. They do all of it but the first
 * step, so that interrupting this interrupts nothing. Returns the exit code: 0, or 1 when the time is over before that.
 */
export async function certsRotate(
  installation: InstalledCertificates,
  { distrustOld, timeoutMs, pollMs = POLL_MS }: RotateOptions,
  context: Context,
): Promise<0 | 1> {
  const progress = new Progress(context);
  const deadline = performance.now() + timeoutMs;
  /** Looks until nothing is missing; undefined when that takes too long. */
  const until = async (missing: (standing: Standing) => string | undefined): Promise<Standing | undefined> => {
    for (;;) {
      const standing = await look(installation);
      const text = missing(standing);
      if (text === undefined) return standing;
      progress.show(text);
      if (performance.now() >= deadline) {
        context.stderr.write(`error: after ${timeoutMs / 1000} s, ${text}; run this again to go on waiting\n`);
        return undefined;
      }
      await delay(pollMs);
    }
  };

  const { target, isNew } = await begin(installation, distrustOld, progress);
  const done = await until((standing) => missingFor(target, standing));
  if (!done) return 1;
  context.stdout.write(`${done.served.length} of ${done.served.length} ready Pods serve from ${nameOf(target)}\n`);

  if (!distrustOld) {
    for (const ca of done.secret.cas) {
      if (ca.state !== 'retired' || !isRegistered(ca, done)) continue;
      context.stdout.write(`${nameOf(ca)} leaves the caBundle at ${leavesAt(ca, TIMING).toISOString()}\n`);
    }
    return 0;
  }
  await distrust(installation.store, progress);
  const clean = await until((standing) => {
    const left = standing.secret.cas.find((ca) => ca.state === 'distrusted' && isRegistered(ca, standing));
    return left && `${nameOf(left)} is still in the caBundle`;
  });
  if (!clean) return 1;
  context.stdout.write('no other CA is trusted any more\n');
  if (!isNew) {
    // It was in the Secret already, and may have leaked with the others.
    const madeAt = new Date(target.notBefore.getTime() + BACKDATE_MS).toISOString();
    context.stdout.write(`${nameOf(target)} is of ${madeAt}: if a key has leaked since then, run this again\n`);
  }
  return 0;
}

/** Makes a new CA, or finds the one of a rotation that is not over. */
async function begin(installation: InstalledCertificates, distrustOld: boolean, progress: Progress): Promise<Rotation> {
  return withoutConflict(async () => {
    const standing = await look(installation);
    const pending = standing.secret.cas.find(({ state }) => state === 'pending');
    if (pending) {
      progress.show('a rotation is under way, going on with it');
      return { target: pending, isNew: false };
    }
    const active = standing.secret.cas.find(({ state }) => state === 'active');
    if (!active) throw new Error('Cannot rotate: no CA signs yet; `certs status` says what is wrong');
    if (isUnfinished(active, standing, distrustOld)) {
      progress.show('a rotation is not over, going on with it');
      return { target: active, isNew: false };
    }
    const ca = await newCA('pending', standing.now, TIMING.caLifetimeMs);
    await installation.store.writeSecret(
      standing.secret.resourceVersion,
      writeSecretContent([...standing.secret.cas, ca]),
    );
    progress.show(`made ${nameOf(ca)}`);
    return { target: ca, isNew: true };
  });
}

function isUnfinished(active: CA, standing: Standing, distrustOld: boolean): boolean {
  if (standing.now.getTime() - active.since.getTime() > GOES_ON_FOR_MS) return false;
  const former = standing.secret.cas.filter((ca) => ca.state === 'retired' && isRegistered(ca, standing));
  return former.some((ca) => distrustOld || standing.served.some((served) => isServedFrom(ca, served)));
}

/** Says what is still missing until every ready Pod serves from a CA; undefined when all do. */
function missingFor(target: CACertificate, standing: Standing): string | undefined {
  const ca = standing.secret.cas.find(({ fingerprint }) => fingerprint === target.fingerprint);
  if (ca?.state === 'pending') {
    return isRegistered(ca, standing)
      ? `${nameOf(target)} is in the caBundle and signs when every API server knows it, in about a minute`
      : `${nameOf(target)} is not in the caBundle yet`;
  }
  if (ca?.state !== 'active') throw new Error(`Cannot go on: ${nameOf(target)} was replaced by somebody else`);
  if (standing.served.length === 0) return 'no Pod is ready';

  const others = standing.served.filter((served) => !isServedFrom(ca, served));
  const problem = others.find((served) => 'problem' in served);
  if (problem && 'problem' in problem) return problem.problem;
  const all = standing.served.length;
  return others.length === 0 ? undefined : `${all - others.length} of ${all} ready Pods serve from ${nameOf(target)}`;
}

/** What former CAs have signed is not to be trusted, from the replicas' next look on. */
async function distrust(store: TrustStore, progress: Progress): Promise<void> {
  await withoutConflict(async () => {
    const { secret, now } = await readTrust(store);
    const cas = secret.cas.map((ca): CA => (ca.state === 'retired' ? { ...ca, state: 'distrusted', since: now } : ca));
    await store.writeSecret(secret.resourceVersion, writeSecretContent(cas));
    progress.show('the former CAs are distrusted');
  });
}

async function look({ store, served }: InstalledCertificates): Promise<Standing> {
  const [reading, serving] = await Promise.all([readTrust(store), served()]);
  return { ...reading, served: serving };
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

function isRegistered(ca: CACertificate, { configuration }: Standing): boolean {
  return configuration.entries.some(({ cas }) => has(cas, ca));
}

function isServedFrom(ca: CACertificate, served: Served): boolean {
  return 'certificate' in served && hasSigned(ca, served.certificate);
}

function nameOf({ fingerprint }: CACertificate): string {
  return `CA ${shortened(fingerprint)}`;
}

/** Tells a person at a terminal what is going on, each thing once. */
class Progress {
  readonly #context: Context;
  #last = '';

  constructor(context: Context) {
    this.#context = context;
  }

  show(text: string): void {
    if (!this.#context.stderr.isTTY || text === this.#last) return;
    this.#last = text;
    this.#context.stderr.write(`${text}\n`);
  }
}
