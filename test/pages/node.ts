import { setTimeout as delay } from 'node:timers/promises';
import { TIMING } from '../../src/certificates/timing.ts';
import { kubeconfigOfAccount, startReplica } from '../chart/pod-processes.ts';
import { runCommand } from '../cluster/command.ts';
import { FaultyProxy } from '../cluster/faulty-proxy.ts';
import type { KubernetesObject } from '../cluster/objects.ts';
import { Relay } from '../cluster/relay.ts';
import type { Replica } from '../cluster/replica.ts';
import { argumentsOfPod, list, type Pod, reportEnded, reportReady, writeEndpoints } from './pods.ts';

const SECOND_MS = 1_000;
const POLL_MS = 200;

/** Shorter than the program's own, so that `certs rotate` takes seconds. */
const SOON = { ...TIMING, propagationMs: 3 * SECOND_MS, pollMs: SECOND_MS };

/**
 * A stand-in for a node: it runs the Pods of a release as processes and reports their status, so that `--wait`, `helm test`
 * and Jobs work without a kubelet.
 *
 * All Pods of the webhook share one process, which the API server calls by URL.
 */
export class Node implements AsyncDisposable {
  /** Passes requests to the API server, and forwards ports to Pods. */
  readonly proxy: FaultyProxy;
  readonly #namespace: string;
  readonly #relay: Relay;
  readonly #replicas = new AsyncDisposableStack();
  readonly #stopped = new AbortController();
  readonly #started = new Set<unknown>();
  readonly #ready = new Map<string, Pod>();
  #deployment: unknown;
  #replica: Replica | undefined;
  #loop = Promise.resolve();

  private constructor(namespace: string, relay: Relay, proxy: FaultyProxy) {
    this.#namespace = namespace;
    this.#relay = relay;
    this.proxy = proxy;
  }

  static async start(namespace: string): Promise<Node> {
    const node = new Node(namespace, await Relay.start(), await FaultyProxy.start(() => undefined));
    node.#loop = node.#run();
    return node;
  }

  /** The webhook's address for the API server. */
  get url(): string {
    return `https://localhost:${this.#relay.port}/mutate`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#loop;
    await this.#replicas.disposeAsync();
    await this.proxy[Symbol.asyncDispose]();
    await this.#relay[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const selector = 'labelSelector=app.kubernetes.io/name%3Dgateway-name-webhook';
      const pods = await list<Pod>(`/api/v1/namespaces/${this.#namespace}/pods?${selector}`);
      const isChanged = this.#forget(pods);
      const added = pods.filter(({ metadata }) => !this.#started.has(metadata['uid']));
      for (const pod of added) await this.#start(pod);
      if (isChanged || added.length > 0) await writeEndpoints(this.#namespace, this.#ready);
      await delay(POLL_MS);
    }
  }

  /** Forgets Pods that are gone. Returns whether there were any. */
  #forget(pods: readonly Pod[]): boolean {
    const uids = new Set(pods.map(({ metadata }) => metadata['uid']));
    const gone = [...this.#ready].filter(([, { metadata }]) => !uids.has(metadata['uid']));
    for (const [address, { metadata }] of gone) {
      this.#ready.delete(address);
      this.proxy.pods.delete(String(metadata.name));
    }
    return gone.length > 0;
  }

  async #start(pod: Pod): Promise<void> {
    this.#started.add(pod.metadata['uid']);
    if (pod.spec.restartPolicy === 'Never') return this.#runToCompletion(pod);
    await this.#startReplica();
    const address = `10.0.0.${this.#started.size}`;
    await reportReady(pod, address);
    this.#ready.set(address, pod);
    this.proxy.pods.set(String(pod.metadata.name), Number(this.#replica?.port));
  }

  /** Runs what `helm test` and a Job run, as their ServiceAccount. */
  async #runToCompletion(pod: Pod): Promise<void> {
    const args = argumentsOfPod(pod).filter((argument) => !argument.startsWith('--summary-file='));
    const kubeconfig = await kubeconfigOfAccount(pod.spec.serviceAccountName, this.#namespace);
    const { exitCode, stdout, stderr } = await runCommand(args, kubeconfig);
    await reportEnded(pod, exitCode, (stdout + stderr).slice(-1_000));
  }

  /** Starts the webhook again for a reinstalled release: the token of its account has changed. */
  async #startReplica(): Promise<void> {
    const path = `/apis/apps/v1/namespaces/${this.#namespace}/deployments`;
    const [deployment] = await list<KubernetesObject>(path);
    if (!deployment || deployment.metadata['uid'] === this.#deployment) return;
    this.#deployment = deployment.metadata['uid'];
    const before = this.#replica;
    this.#replica = this.#replicas.use(await startReplica([{ ...deployment, kind: 'Deployment' }], SOON));
    await this.#replica.untilReady();
    this.#relay.targets = [Number(this.#replica.port)];
    // Draining takes seconds, and nothing waits for it.
    void before?.stop();
  }
}
