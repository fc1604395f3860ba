import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Timing } from '../../src/certificates/timing.ts';
import { SERVE_SETTINGS, type SettingTexts } from '../../src/commands/options/settings.ts';
import type { ClusterEnvironment } from '../../src/kubernetes/own-cluster.ts';
import { samplesOf } from '../../src/kubernetes/prometheus-text.ts';
import { eventually } from './eventually.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const BUNDLE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const WRONG_CLOCK = new URL('wrong-clock.ts', import.meta.url).href;
const SELF_REPLICA = fileURLToPath(new URL('self-replica.ts', import.meta.url));

/** Longer than a kubelet waits, so that a busy machine does not fail the probe. */
const PROBE_TIMEOUT_MS = 5_000;

/** One replica takes a second or two. Ten at once, from source, on two busy cores, take much longer. */
const START_TIMEOUT_MS = 90_000;

export interface ReplicaOptions {
  /** The variables by which a Pod finds the API server. */
  readonly environment: ClusterEnvironment;
  readonly settings: Partial<SettingTexts>;
  /** Replaces the program's timing. */
  readonly timing?: Timing | undefined;
  /** Whether to run the image's bundle, which must have been built. */
  readonly isBundled?: boolean | undefined;
  /** Replaces the machine's clock. */
  readonly clock?: WrongClock | undefined;
}

export interface WrongClock {
  /** How far the clock is ahead while it is wrong. */
  readonly wrongByMs: number;
  /** Whether the clock is wrong at the start. */
  readonly isWrong: boolean;
}

export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A process of the webhook in the mode `self`. */
export class Replica implements AsyncDisposable {
  /** Whether the replica gets no connections, because it is paused or about to be. */
  isWithdrawn = false;
  readonly #child: ChildProcess;
  readonly #log: LogLine[] = [];
  readonly #errors: string[] = [];
  #port: number | undefined;
  #metricsUrl: string | undefined;
  #wasReady = false;
  readonly #lapses: string[] = [];

  constructor({ environment, settings, timing, isBundled = false, clock }: ReplicaOptions) {
    const texts = { ...settings, certificateMode: 'self', listen: '127.0.0.1:0', metricsListen: '127.0.0.1:0' };
    const env = Object.entries(texts).map(([name, text]) => [SERVE_SETTINGS[name as keyof SettingTexts].env, text]);
    const command = timing ? [SELF_REPLICA, JSON.stringify(timing)] : [isBundled ? BUNDLE : MAIN, 'serve'];
    const preload = clock ? ['--import', WRONG_CLOCK] : [];
    this.#child = spawn(process.execPath, [...preload, ...command], {
      env: {
        ...Object.fromEntries(env),
        ...environment,
        ...(clock && { CLOCK_WRONG_BY_MS: String(clock.wrongByMs), CLOCK_IS_WRONG: String(clock.isWrong) }),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.#child;
    if (!stdout || !stderr) throw new Error('Cannot read the output of the webhook');
    createInterface(stderr).on('line', (line) => this.#errors.push(line));
    createInterface(stdout).on('line', (line) => {
      const { url, metrics, ...rest } = JSON.parse(line);
      this.#log.push(rest);
      if (rest.msg !== 'starting' && rest.msg !== 'listening') return;
      this.#metricsUrl = metrics;
      if (url !== undefined) this.#port = Number(new URL(url).port);
    });
  }

  get pid(): number {
    return Number(this.#child.pid);
  }

  /** Undefined until the replica listens. */
  get port(): number | undefined {
    return this.#port;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The reasons why the replica was not ready after it had been, one for each probe. */
  get lapses(): readonly string[] {
    return this.#lapses;
  }

  /** All log lines so far. */
  get log(): readonly LogLine[] {
    return this.#log;
  }

  /** The log lines with this message. */
  lines(msg: string): readonly LogLine[] {
    return this.#log.filter((line) => line.msg === msg);
  }

  /** Returns the answer to the readiness probe; undefined if there is none. */
  async readiness(): Promise<string | undefined> {
    const answer = await this.#get('/readyz').catch(() => undefined);
    if (answer === 'ok\n') this.#wasReady = true;
    else if (this.#wasReady && !this.isWithdrawn && !this.hasEnded) this.#lapses.push(answer ?? 'no answer');
    return answer;
  }

  async isReady(): Promise<boolean> {
    return (await this.readiness()) === 'ok\n';
  }

  async untilReady(): Promise<void> {
    const ask = async () => {
      if (this.hasEnded) throw new Error('The webhook has ended');
      return (await this.isReady()) || undefined;
    };
    await eventually('the webhook to be ready', ask, START_TIMEOUT_MS).catch((error: Error) => {
      const log = this.#log.map((line) => JSON.stringify(line));
      throw new Error([error.message, ...this.#errors, ...log].join('\n  '));
    });
  }

  async isAlive(): Promise<boolean> {
    return (await this.#get('/healthz').catch(() => undefined)) === 'ok\n';
  }

  /** The value of a metric without labels. */
  async metric(name: string): Promise<number> {
    const [sample] = samplesOf(await this.#get('/metrics'), `gateway_name_webhook_${name}`);
    return sample?.value ?? Number.NaN;
  }

  /** Corrects a wrong clock, or makes a correct one wrong. */
  turnClock(): void {
    this.#child.kill('SIGWINCH');
  }

  /** Suspends the process, as a sleeping node does. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Sends SIGTERM at once, as Kubernetes does; resolves when the process has ended. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.#child, 'exit');
    this.resume();
    this.#child.kill('SIGTERM');
    await exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #get(path: string): Promise<string> {
    if (this.#metricsUrl === undefined) throw new Error('The webhook does not listen yet');
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    const response = await fetch(new URL(path, this.#metricsUrl), { signal });
    return await response.text();
  }
}
