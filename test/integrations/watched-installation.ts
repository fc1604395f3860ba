import { eventually } from '../cluster/eventually.ts';
import { ApiServer } from '../e2e/api-server.ts';
import { install, NAME, takeCluster } from '../e2e/installation.ts';
import type { Settings } from '../e2e/settings.ts';
import { hastyRules } from './hasty-rules.ts';
import { Prometheus } from './prometheus.ts';
import { scrapeFiles } from './scrapes.ts';
import { Targets } from './targets.ts';

export interface WatchedOptions {
  readonly settings: Settings;
  /** The namespace for the objects that the tests create. */
  readonly namespace: string;
  /** Returns the chart's values. It is called when the cluster is ready to use. */
  readonly makeValues?: () => Promise<readonly string[]>;
  /** The engine whose alerts Prometheus evaluates. */
  readonly engine: string;
}

export type Watched = Awaited<ReturnType<typeof watchedInstallation>>;

/** Installs the chart, and starts a Prometheus with the alert rules of an engine. */
export async function watchedInstallation({ settings, namespace, makeValues, engine }: WatchedOptions) {
  await using resources = new AsyncDisposableStack();
  const api = await ApiServer.current();
  resources.defer(() => api.close());
  resources.defer(await takeCluster(namespace));
  const values = (await makeValues?.()) ?? [];
  await install(settings, values);
  const rules = await hastyRules([...values, `engine=${engine}`]);
  const groups = [{ name: NAME, rules }];
  const { url } = resources.use(await Targets.serve(api));
  const files = { ...(await scrapeFiles(url)), 'rules.json': JSON.stringify({ groups }) };
  const prometheus = resources.use(await Prometheus.start(files));
  await eventually('the first scrapes, of two Pods and of the API server', async () => {
    const now = Date.now() / 1000;
    return (await prometheus.queryRange('up == 1', now - 5, now)).length > 2 || undefined;
  });
  const owned = resources.move();
  return {
    api,
    prometheus,
    alerts: rules.map(({ alert }) => alert),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
