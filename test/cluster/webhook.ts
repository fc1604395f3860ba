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
  /** 0 lets the system choose one. */
  readonly port?: number;
  /** A certificate folder that outlives the webhook; without it, the webhook has one of its own. */
  readonly certificates?: string;
  /** More arguments of `serve`. */
  readonly args?: readonly string[];
}

interface Folder extends AsyncDisposable {
  readonly path: string;
}

/** How the API server is to call a webhook. */
export interface ClientConfig {
  readonly url: string;
  /** Base64 of PEM. */
  readonly caBundle: string;
}

/** An empty folder for certificates, gone at the end of its scope. */
export function certificateFolder(): Promise<Folder> {
  return mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-certs-'));
}

/** The webhook as users run it: a process, its log, its certificate folder, its metrics. */
export class Webhook implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #folder: Folder;
  readonly #output: string[] = [];
  #url = '';
  #metricsUrl = '';

  private constructor(child: ChildProcess, folder: Folder) {
    this.#child = child;
    this.#folder = folder;
  }

  /** Starts the webhook; resolves once it says that it is ready. */
  static async start({ port = 0, certificates, args = [] }: WebhookOptions = {}): Promise<Webhook> {
    const folder = certificates === undefined ? await certificateFolder() : kept(certificates);
    const command = ['serve', '--listen', `127.0.0.1:${port}`, '--metrics-listen', '127.0.0.1:0'];
    const settings = ['--certificates', folder.path, '--quiet-period', '0', ...args];
    // No environment: its variables are settings, too.
    const child = spawn(...program([...command, ...settings]), { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
    const webhook = new Webhook(child, folder);
    try {
      await webhook.#untilReady();
      return webhook;
    } catch (error) {
      await webhook.stop();
      throw error;
    }
  }

  get certificates(): string {
    return this.#folder.path;
  }

  get port(): number {
    return Number(new URL(this.#url).port);
  }

  /** The webhook's log so far, a JSON object each. */
  get log(): readonly { readonly msg?: string }[] {
    return this.#output.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }

  /** What a webhook configuration says of this webhook: its address, and the CA of its certificate folder. */
  async clientConfig(): Promise<ClientConfig> {
    const ca = await readFile(join(this.certificates, 'ca.crt'));
    return { url: this.#url, caBundle: ca.toString('base64') };
  }

  /** The decisions that this process has made so far: how many of each operation, kind and reason. */
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

  /** The decisions that are made while `act` runs. */
  async decisionsDuring(act: () => Promise<unknown>): Promise<Counts> {
    const before = await this.decisions();
    await act();
    return increase(before, await this.decisions());
  }

  /** Stops the process where it is: connections are still accepted, by the kernel, and nothing is answered. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  /** Ends the webhook, by SIGTERM as Kubernetes does. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.resume();
      this.#child.kill('SIGTERM');
      await exited;
    }
    await this.#folder[Symbol.asyncDispose]();
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
      // Not `exit`: the output may not have been read by then.
      this.#child.once('close', fail);
    });
  }
}

function kept(path: string): Folder {
  return { path, async [Symbol.asyncDispose]() {} };
}
