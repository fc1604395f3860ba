import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { CA } from './ca.ts';
import { writeSecretContent } from './ca-secret.ts';
import { ClockWatch, type ClockWatchOptions } from './clock-watch.ts';
import { FailureLog } from './failure-log.ts';
import { newCA } from './new-ca.ts';
import type { ServingState } from './observation.ts';
import { observe, type SeenSince } from './observe.ts';
import type { ServingCertificate } from './plan.ts';
import { type Action, planRotation } from './rotation.ts';
import { issueServing } from './serving.ts';
import type { Timing } from './timing.ts';
import { Conflict, type HelmOwnership, type TrustStore } from './trust-store.ts';

/** The longest sequence has six: Secret, CA, caBundle, the CAs found there, serving certificate, rest. More are lost races. */
const MOST_STEPS = 25;

/** The interval until there is a certificate: Helm creates the configuration after the Pods, and waits for both. */
const STARTING_POLL_MS = 1_000;

/** Keeps replicas that lost a race for a write from colliding again. */
const CONFLICT_JITTER_MS = 100;

export interface RotatorOptions {
  readonly store: TrustStore;
  /** DNS names and addresses for the serving certificate. */
  readonly names: readonly string[];
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly events: RotatorEvents;
  readonly timing: Timing;
}

/** What a rotator reports. */
interface RotatorEvents extends Pick<ClockWatchOptions, 'onClock'> {
  /** Called for each certificate to serve from now on. */
  readonly onServing: (serving: ServingCertificate) => void;
  /** Called after each read: whether the caBundle is correct. */
  readonly onCABundle: (isInSync: boolean) => void;
  readonly onCABundleWritten: () => void;
  /** Called when something in the Secret cannot be used. */
  readonly onRefused: () => void;
  /** Called when the API server cannot be reached, or rejects a request. */
  readonly onError: () => void;
}

const NOT_HELM: HelmOwnership = { labels: {}, annotations: {} };

/**
 * Keeps the certificate of one replica trusted: does what `planRotation` says, repeatedly. It never rejects: failures are
 * logged, counted and retried, and the certificate in memory stays in use.
 */
export class Rotator {
  readonly #options: RotatorOptions;
  readonly #clock: ClockWatch;
  readonly #failures: FailureLog;
  #serving: ServingCertificate | undefined;
  #servingState: ServingState | undefined;
  #seenSince: SeenSince = new Map();
  #caBundles: readonly string[] = [];
  #problem: string | undefined = 'the API server has not been contacted yet';
  #refused = '';
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RotatorOptions) {
    this.#options = options;
    this.#clock = new ClockWatch({ ...options, onClock: options.events.onClock });
    this.#failures = new FailureLog(options.logger);
  }

  /** The certificate in use; undefined when there is none yet. */
  get serving(): ServingCertificate | undefined {
    return this.#serving;
  }

  /** Until when every client accepts it, even if its clock is ahead. */
  get servableUntil(): Date | undefined {
    return this.#servingState?.notAfter;
  }

  /** The caBundles of the configuration's entries, each once, as they were read last. */
  get caBundles(): readonly string[] {
    return this.#caBundles;
  }

  /** Says what the rotator is waiting for, or what failed; undefined if nothing is left to do. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Does what is due, repeatedly until `stop`. Resolves after the first time. */
  async start(): Promise<void> {
    await this.#settle();
    if (this.#stopped) return;
    // Randomly earlier, so that replicas do not poll at the same time; never later, to keep the promised repair time.
    const { pollMs } = this.#options.timing;
    const intervalMs = this.#serving ? pollMs : Math.min(pollMs, STARTING_POLL_MS);
    this.#timer = setTimeout(() => void this.start(), intervalMs * (0.8 + 0.2 * Math.random())).unref();
  }

  /** Stops reading and writing: a terminating replica must not repair what an uninstall removes. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #settle(): Promise<void> {
    try {
      let isSettled = false;
      for (let step = 0; step < MOST_STEPS && !isSettled && !this.#stopped; step += 1) isSettled = await this.#step();
      if (!isSettled) this.#problem = 'something else keeps changing the Secret or the caBundle';
      this.#failures.answered();
    } catch (err) {
      this.#options.events.onError();
      this.#problem = (err as Error).message;
      this.#failures.failed(err);
    }
  }

  /** Reads, and takes one action. Returns true if nothing is left to do for now. */
  async #step(): Promise<boolean> {
    const { store, timing, events } = this.#options;
    // Before anything is read: lifetimes count from here, even if this process is paused in between.
    const now = new Date();
    const monotonicMs = performance.now();
    const [secret, configuration] = await Promise.all([store.readSecret(), store.readConfiguration()]);
    const clockProblem = this.#clock.problem(store.clockAheadMs());
    if (clockProblem !== undefined) return this.#wait(clockProblem);
    const reading = { secret, configuration, now, monotonicMs };
    const { observation, seenSince } = observe(reading, this.#servingState, this.#seenSince);
    this.#seenSince = seenSince;
    this.#caBundles = [...new Set(configuration?.entries.map(({ caBundle }) => caBundle))];
    this.#reportRefused(observation.secret?.refused.join('; ') ?? '');

    const action = planRotation(observation, timing);
    const entries = observation.configuration?.entries ?? [];
    const isPublished = entries.length > 0 && entries.every(({ cas }) => cas.length > 0);
    events.onCABundle(isPublished && action.do !== 'write-bundle');
    if (this.#stopped) return true;
    try {
      return await this.#perform(action, configuration?.helm ?? NOT_HELM, now);
    } catch (error) {
      if (!(error instanceof Conflict)) throw error;
      await delay(Math.random() * CONFLICT_JITTER_MS);
      return false;
    }
  }

  async #perform(action: Action, helm: HelmOwnership, now: Date): Promise<boolean> {
    const { store, logger, events, timing } = this.#options;
    switch (action.do) {
      case 'rest':
        this.#problem = this.#serving ? undefined : 'waiting for every API server to see the new CA';
        return true;
      case 'wait':
        if (action.reason !== this.#problem) logger.info({ reason: action.reason }, 'waiting');
        this.#problem = action.reason;
        return true;
      case 'create-secret':
        await store.createSecret(helm);
        logger.info('created the Secret');
        return false;
      case 'issue-serving':
        await this.#issueServing(action, now);
        return false;
      case 'write-bundle':
        await store.writeBundle(action.resourceVersion, action.entries, action.caBundle);
        events.onCABundleWritten();
        logger.info({ reason: action.reason }, 'wrote the caBundle');
        return false;
      case 'add-ca': {
        const ca = await newCA(action.state, now, timing.caLifetimeMs);
        // Generating a key takes a moment.
        if (!this.#stopped) await this.#writeSecret(action, [...action.cas, ca]);
        return false;
      }
      case 'write-secret':
        await this.#writeSecret(action, action.cas);
        return false;
    }
  }

  async #issueServing({ ca, reason }: Extract<Action, { do: 'issue-serving' }>, now: Date): Promise<void> {
    const { names, timing, logger, events } = this.#options;
    const { serving, state } = await issueServing(ca, names, now, timing);
    this.#serving = serving;
    this.#servingState = state;
    logger.info({ reason, ca: ca.fingerprint, notAfter: serving.notAfter }, 'issued a serving certificate');
    events.onServing(serving);
  }

  async #writeSecret({ resourceVersion, reason }: { resourceVersion: string; reason: string }, cas: readonly CA[]) {
    await this.#options.store.writeSecret(resourceVersion, writeSecretContent(cas));
    const described = cas.map(({ state, fingerprint }) => `${state} ${fingerprint}`);
    this.#options.logger.info({ reason, cas: described }, 'wrote the Secret');
  }

  /**
   * With a wrong clock, nothing that was read can be judged, and no new certificate would be accepted. The one in use may be
   * valid, but for an unknown time: it is dropped, as if the process had just started.
   */
  #wait(clockProblem: string): true {
    this.#problem = clockProblem;
    this.#serving = undefined;
    this.#servingState = undefined;
    // A CA could leave a caBundle unnoticed in the meantime.
    this.#seenSince = new Map();
    // It may be the API server's clock that is wrong: let another one answer next time, before probes fail.
    this.#options.store.reconnect();
    return true;
  }

  #reportRefused(refused: string): void {
    if (refused !== '' && refused !== this.#refused) {
      this.#options.events.onRefused();
      this.#options.logger.warn({ reason: refused }, 'refused part of the Secret');
    }
    this.#refused = refused;
  }
}
