import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../cluster/eventually.ts';
import { freePort } from '../cluster/free-port.ts';

/** An alert in Prometheus' API. */
interface Alert {
  readonly state: 'pending' | 'firing';
  readonly labels: { readonly alertname: string };
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [timestamp: number, value: string])[];
}

/** A Prometheus process. It is stopped, and its data is deleted, at the end of its scope. */
export class Prometheus implements AsyncDisposable {
  readonly #url: string;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, stop: () => Promise<void>) {
    this.#url = url;
    this.#stop = stop;
  }

  /** Starts the program in the variable PROMETHEUS, by default `prometheus` in the PATH, with these files by name. */
  static async start(files: Readonly<Record<string, string>>): Promise<Prometheus> {
    const directory = await mkdtemp(join(tmpdir(), 'gateway-name-webhook-prometheus-'));
    for (const [name, content] of Object.entries(files))
      await writeFile(join(directory, name), content, { mode: 0o600 });
    const address = `127.0.0.1:${await freePort()}`;
    const args = [`--web.listen-address=${address}`, '--config.file=prometheus.json', '--storage.tsdb.path=data'];
    const child = spawn(process.env['PROMETHEUS'] || 'prometheus', [...args, '--log.level=warn'], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(child, 'exit');
    const prometheus = new Prometheus(`http://${address}`, async () => {
      child.kill();
      await ended;
      await rm(directory, { recursive: true });
    });
    const ready = eventually('Prometheus to start', () =>
      fetch(`http://${address}/-/ready`).then(
        ({ ok }) => ok || undefined,
        () => undefined,
      ),
    );
    const failed = ended.then(() => Promise.reject(new Error('Cannot start Prometheus: see its output')));
    await Promise.race([ready, failed]);
    return prometheus;
  }

  /** The distinct names of the firing alerts. */
  async firing(): Promise<readonly string[]> {
    const { alerts } = await this.#get<{ alerts: readonly Alert[] }>('alerts');
    return [...new Set(alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname))].sort();
  }

  /** Evaluates a query between two times, in seconds since the Unix epoch, every `step` seconds. */
  async queryRange(query: string, start: number, end: number, step = 1): Promise<readonly Sample[]> {
    const range = { query, start: `${start}`, end: `${end}`, step: `${step}` };
    return (await this.#get<{ result: readonly Sample[] }>(`query_range?${new URLSearchParams(range)}`)).result;
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${path}`);
    const { data, error } = (await response.json()) as { data: T; error?: string };
    if (error) throw new Error(`Cannot ask Prometheus for ${path}: ${error}`);
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}
