import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import tty from 'node:tty';
import type { CallOptions } from '../api-caller.ts';
import { type ExecCredential, parseExecCredential } from './exec-credential.ts';
import type { ExecConfig } from './kubeconfig.ts';
import type { Environment } from './load.ts';

/**
 * The credentials of a command (client.authentication.k8s.io). It runs when they are first needed, once for all concurrent
 * requests, and again when they expire or are refused. It may take as long as a person needs to log in.
 */
export class ExecPlugin {
  readonly #config: ExecConfig;
  readonly #cluster: object | undefined;
  readonly #environment: Environment;
  readonly #sent = new WeakMap<CallOptions, Promise<ExecCredential>>();
  #current: Promise<ExecCredential> | undefined;

  /** `cluster` is the information for a plugin that asks for it. */
  constructor(config: ExecConfig, cluster: object, environment: Environment) {
    this.#config = config;
    this.#cluster = config.provideClusterInfo ? cluster : undefined;
    this.#environment = environment;
  }

  /** Adds the credentials to a request. */
  async authorize(options: CallOptions): Promise<void> {
    const { token, certificate, key } = await this.#credential(options);
    if (token) options.headers['Authorization'] = `Bearer ${token}`;
    if (certificate) Object.assign(options, { cert: certificate, key });
  }

  /** Discards the credentials of a refused request, unless there are new ones already. */
  async renew(refused: CallOptions): Promise<void> {
    this.#forget(this.#sent.get(refused));
  }

  async #credential(options: CallOptions): Promise<ExecCredential> {
    const asked = this.#current;
    const credential = await asked;
    if (credential?.expiresAt && credential.expiresAt <= new Date()) this.#forget(asked);
    this.#current ??= this.#run();
    const running = this.#current;
    this.#sent.set(options, running);
    // The next request runs it again.
    running.catch(() => this.#forget(running));
    return running;
  }

  /** Unless there are others by now. */
  #forget(credential: Promise<ExecCredential> | undefined): void {
    if (this.#current === credential) this.#current = undefined;
  }

  async #run(): Promise<ExecCredential> {
    const { apiVersion, command, args, env, interactiveMode } = this.#config;
    const interactive = interactiveMode !== 'Never' && tty.isatty(0);
    if (interactiveMode === 'Always' && !interactive) {
      throw new Error(`the exec plugin ${command} requires a terminal, but standard input is not one`);
    }
    const info = { kind: 'ExecCredential', apiVersion, spec: { cluster: this.#cluster, interactive } };
    const plugin = spawn(command, args, {
      env: {
        ...this.#environment,
        ...Object.fromEntries(env.map(({ name, value }) => [name, value])),
        KUBERNETES_EXEC_INFO: JSON.stringify(info),
      },
      // Its prompts and errors go to the user's terminal.
      stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    });
    const [output, [exitCode, signal]] = await Promise.all([text(plugin.stdout), once(plugin, 'close')]).catch(
      (error) => {
        throw this.#notRun(error);
      },
    );
    if (exitCode !== 0) throw new Error(`the exec plugin ${command} failed with ${signal ?? `exit code ${exitCode}`}`);
    try {
      return parseExecCredential(output, apiVersion);
    } catch (cause) {
      throw new Error(`the exec plugin ${command} printed an invalid credential: ${(cause as Error).message}`, {
        cause,
      });
    }
  }

  #notRun(error: NodeJS.ErrnoException): Error {
    const { command, installHint } = this.#config;
    if (error.code !== 'ENOENT') return new Error(`cannot run the exec plugin ${command}: ${error.message}`);
    return new Error(`cannot find the exec plugin ${command}${installHint && `\n\n${printable(installHint)}`}`);
  }
}

/** Removes characters that would change the state of a terminal. */
function printable(hint: string): string {
  return hint.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}\t-\r]/gu, '');
}
