import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { samplesOf } from '../../src/kubernetes/prometheus-text.ts';
import { program } from '../support/program.ts';
import { type Counts, increase } from './counts.ts';

export interface WebhookOptions {
  /** 0 selects a free port. */
  readonly port?: number;
  /** A certificate directory that outlives the webhook. By default, the webhook gets a temporary one. */
  readonly certificates?: string;
  /** Additional arguments of `serve`. */
  readonly args?: readonly string[];
}

interface Directory extends AsyncDisposable {
  readonly path: string;
}

/** How the API server calls a webhook. */
export interface ClientConfig {
  readonly url: string;
  /** Base64 of PEM. */
  readonly caBundle: string;
}

/** An empty directory for certificates, removed at the end of its scope. */
export function certificateDirectory(): Promise<Directory> {
  return mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-certs-'));
}

/** The webhook as users run it: a process, its log, its certificate directory, its metrics. */
export class Webhook implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #directory: Directory;
  readonly #output: string[] = [];
  #url = '';
  #metricsUrl = '';

  private constructor(child: ChildProcess, directory: Directory) {
    this.#child = child;
    this.#directory = directory;
  }

  /** Starts the webhook; resolves once it logs that it is ready. */
  static async start({ port = 0, certificates, args = [] }: WebhookOptions = {}): Promise<Webhook> {
    const directory = certificates === undefined ? await certificateDirectory() : kept(certificates);
    const command = ['serve', '--listen', `127.0.0.1:${port}`, '--metrics-listen', '127.0.0.1:0'];
    const settings = ['--certificates', directory.path, '--quiet-period', '0', ...args];
    // Environment variables would be settings, too.
    const child = spawn(...program([...command, ...settings]), { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
    const webhook = new Webhook(child, directory);
    try {
      await webhook.#untilReady();
      return webhook;
    } catch (error) {
      await webhook.stop();
      throw error;
    }
  }

  get certificates(): string {
    return this.#directory.path;
  }

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  /** The webhook's log so far, one object for each line. */
  get log(): readonly { readonly msg?: string }[] {
    return this.#output.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  /** The clientConfig of this webhook: its address, and the CA in its certificate directory. */
  async clientConfig(): Promise<ClientConfig> {
    const ca = await readFile(join(this.certificates, 'ca.crt'));
    return { url: this.#url, caBundle: ca.toString('base64') };
  }

  /** The number of decisions of this process so far, by operation, kind and reason. */
  async decisions(): Promise<Counts> {
    const response = await fetch(this.#metricsUrl);
    const samples = samplesOf(await response.text(), 'gateway_name_webhook_decisions_total');
    return Object.fromEntries(
      samples.map(({ labels: { operation, kind, reason, dry_run }, value }) => [
        `${operation} ${kind} ${reason}${dry_run === 'true' ? ' (dry run)' : ''}`,
        value,
      ]),
    );
  }

  /** Counts the decisions while `act` runs. */
  async decisionsDuring(act: () => Promise<unknown>): Promise<Counts> {
    const before = await this.decisions();
    await act();
    return increase(before, await this.decisions());
  }

  /** Suspends the process: the kernel still accepts connections, but nothing answers. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends the webhook with SIGTERM, as Kubernetes does. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.resume();
      this.#child.kill('SIGTERM');
      await exited;
    }
    await this.#directory[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #untilReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { stdout, stderr } = this.#child;
      if (!stdout || !stderr) throw new Error('Cannot read the output of the webhook');
      const fail = () => reject(new Error(`The webhook is not ready:\n${this.#output.join('\n')}`));
      createInterface(stderr).on('line', (line) => this.#output.push(line));
      createInterface(stdout).on('line', (line) => {
        this.#output.push(line);
        const { msg, url, metrics } = JSON.parse(line);
        if (msg === 'listening') [this.#url, this.#metricsUrl] = [url, metrics];
        if (msg === 'ready') resolve();
        if (msg === 'not ready') fail();
      });
      this.#child.once('error', reject);
      // Not `exit`, which may come before the output is read.
      this.#child.once('close', fail);
    });
  }
}

function kept(path: string): Directory {
  return { path, async [Symbol.asyncDispose]() {} };
}
