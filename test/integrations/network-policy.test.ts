import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ApiServer } from '../e2e/api-server.ts';
import { healNow } from '../e2e/heal.ts';
import {
  anyPod,
  diagnosis,
  install,
  NAME,
  restart,
  takeCluster,
  untilRolledOut,
  upgrade,
} from '../e2e/installation.ts';
import { runningPod } from '../e2e/pods.ts';
import { kubectl, kubectlJson } from '../e2e/program.ts';
import { readSettings } from '../e2e/settings.ts';
import { NO_PROBLEMS, problemsOf, underLoad } from '../e2e/under-load.ts';
import { addressOf, LISTEN, type PodName, reach } from './reach.ts';

const NAMESPACE = `${NAME}-e2e`;
const MONITORING = `${NAME}-monitoring`;
const [ADMISSION, METRICS, OTHER] = [10250, 8080, 9999];

/** The expected effect of the policies on each connection. */
const CONNECTIONS = [
  ['monitoring', 'webhook', METRICS, 'passes'],
  ['stranger', 'webhook', METRICS, 'cut'],
  // API servers are not Pods, so the port is open to all clients.
  ['stranger', 'webhook', ADMISSION, 'passes'],
  ['webhook', 'API server', 443, 'passes'],
  ['webhook', 'stranger', OTHER, 'cut'],
  ['heal', 'API server', 443, 'passes'],
  ['heal', 'stranger', OTHER, 'cut'],
  ['stranger', 'heal', OTHER, 'cut'],
  ['stranger', 'monitoring', OTHER, 'passes'],
] as const;

type Peer = (typeof CONNECTIONS)[number][0];

const settings = readSettings();
const { perSecond } = settings;

describe('in a cluster that enforces NetworkPolicies', () => {
  let api: ApiServer;
  let others: Readonly<Record<Exclude<Peer, 'webhook'>, PodName>>;

  beforeAll(async () => {
    api = await ApiServer.current();
    const giveBack = await takeCluster(NAMESPACE);
    await kubectl(['create', 'namespace', MONITORING]);
    await install(settings, ['heal.schedule=0 0 1 1 *']);
    const run = async (namespace: string, labels = {}) => {
      const pod = { labels, script: LISTEN, args: [`${OTHER}`] };
      return { namespace, name: await runningPod(settings, namespace, pod) };
    };
    const heal = { 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/instance': NAME };
    others = {
      stranger: await run(NAMESPACE),
      monitoring: await run(MONITORING),
      heal: await run(NAME, { ...heal, 'app.kubernetes.io/component': 'heal' }),
    };
    return async () => {
      await kubectl(['delete', 'pod', others.heal.name, '--namespace', NAME, '--now']);
      await giveBack();
      await kubectl(['delete', 'namespace', MONITORING]);
      api.close();
    };
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') console.error(await diagnosis());
  });

  /** Returns the outcome of each connection. */
  async function tryConnections(): Promise<readonly (readonly string[])[]> {
    const webhook = { namespace: NAME, name: (await anyPod()).metadata.name };
    const kubernetes = await kubectlJson<{ spec: { clusterIP: string } }>(['get', 'service', 'kubernetes']);
    const peers = { ...others, webhook };
    return Promise.all(
      CONNECTIONS.map(async ([from, to, port]) => {
        const host = to === 'API server' ? kubernetes.spec.clusterIP : await addressOf(peers[to]);
        return [`${from} to ${to}:${port}`, await reach(peers[from], host, port)];
      }),
    );
  }

  test('every connection passes without networkPolicy.enabled', async () => {
    expect(await tryConnections()).toEqual(
      CONNECTIONS.map(([from, to, port]) => [`${from} to ${to}:${port}`, 'passes']),
    );
  });

  test('only the connections that the webhook and heal need pass with networkPolicy.enabled', async () => {
    const from = `networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.kubernetes\\.io/metadata\\.name=${MONITORING}`;
    await upgrade(['networkPolicy.enabled=true', from]);

    expect(await tryConnections()).toEqual(
      CONNECTIONS.map(([from, to, port, expected]) => [`${from} to ${to}:${port}`, expected]),
    );
  });

  test(`every object gets its label during a rolling restart, at ${perSecond} creates a second`, async () => {
    const outcome = await underLoad({ api, settings, namespace: NAMESPACE, perSecond }, restart);

    expect(problemsOf(outcome)).toEqual(NO_PROBLEMS);
    await untilRolledOut();
  });

  test('heal works', async () => {
    expect(await healNow('heal-behind-policies')).toMatch(/^added 0 labels/);
  });
});
