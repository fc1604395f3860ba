import { setTimeout as sleep } from 'node:timers/promises';
import { restart, restartedBy } from '../../e2e/installation.ts';
import { busiestPod, killProcessOf } from '../../e2e/kill.ts';
import { deleteAll, Load } from '../../e2e/load.ts';
import { type Labels, OWNER, SERVICE_ACCOUNT, STANDARD } from '../../e2e/objects.ts';
import type { Settings } from '../../e2e/settings.ts';
import { CAUSES } from '../causes.ts';
import type { Watched } from '../watched-installation.ts';
import { sendJunk } from './junk.ts';

interface Run {
  readonly watched: Watched;
  readonly settings: Settings;
  readonly namespace: string;
}

/** Labels to which the webhook adds none. It only sees most of these objects while its configuration covers all objects. */
const UNCHANGED: readonly Labels[] = [
  { [OWNER]: '' },
  { [OWNER]: 'eg', [STANDARD]: 'eg' },
  { [OWNER]: 'eg', 'gateway-name-webhook/ignore': '' },
  {},
];

/** When the run and each event started, and when the run ended, in seconds since the Unix epoch. */
interface Course {
  readonly start: number;
  readonly end: number;
  readonly events: readonly number[];
}

/** Creates objects for some minutes, and causes one event after another. */
export async function eventfulRun(run: Run): Promise<Course> {
  const { watched, settings, namespace } = run;
  const load = new Load(watched.api, namespace, settings.perSecond);
  const ends = new AbortController();
  const unchanged = createUnchanged(run, ends.signal);
  const start = now();
  const begins: number[] = [];
  try {
    await sleep(QUIET_MS);
    for (const [what, act] of events(run)) {
      begins.push(now());
      console.log(`${begins.length}. ${what}`);
      await act();
      await sleep(QUIET_MS);
    }
    return { start, end: now(), events: begins };
  } finally {
    ends.abort();
    await unchanged;
    await load.stop();
    await deleteAll(watched.api, namespace);
  }
}

const now = () => Date.now() / 1000;

/** The pause after each event, long enough to see its end. */
const QUIET_MS = 15_000;

/** The duration of events that do not end on their own. */
const EVENT_MS = 15_000;

function events(run: Run): readonly (readonly [what: string, act: () => Promise<unknown>])[] {
  const { watched, settings } = run;
  const cause = (alert: string) => () => causeOf(alert, run);
  return [
    ['three times as much', () => burst(run)],
    ['a rolling restart', restart],
    [
      'the process of a replica is killed',
      async () => {
        const pod = await busiestPod(watched.api);
        await restartedBy(pod, () => killProcessOf(pod, settings));
      },
    ],
    ['no replica at all', cause('GatewayNameWebhookDown')],
    ['junk on the port', () => sendJunk(AbortSignal.timeout(EVENT_MS))],
    [
      'a configuration that covers all objects, and objects that name two Gateways',
      cause('GatewayNameWebhookConflict'),
    ],
    ['a wrong caBundle, and no permission to repair it', cause('GatewayNameWebhookCABundleOutOfSync')],
    ['garbage in the Secret', cause('GatewayNameWebhookCertificatesRefused')],
  ];
}

/** Creates more objects, in addition to those of the run. */
async function burst({ watched, settings, namespace }: Run): Promise<void> {
  const load = new Load(watched.api, namespace, 2 * settings.perSecond);
  await sleep(EVENT_MS);
  await load.stop();
}

/** Creates the cause of an alert for a while. */
async function causeOf(alert: string, { watched: { api }, namespace }: Run): Promise<void> {
  const cause = CAUSES.find(({ alerts }) => alerts[0] === alert);
  if (!cause) throw new Error(`Cannot make ${alert} fire: it has no cause`);
  try {
    await Promise.all([cause.make({ api, namespace, signal: AbortSignal.timeout(EVENT_MS) }), sleep(EVENT_MS)]);
  } finally {
    await cause.undo();
  }
}

/** Two objects per second. */
const UNCHANGED_PAUSE_MS = 500;

async function createUnchanged({ watched: { api }, namespace }: Run, signal: AbortSignal): Promise<void> {
  for (let count = 0; !signal.aborted; count += 1) {
    const object = SERVICE_ACCOUNT.object(`unchanged-${count}`, UNCHANGED[count % UNCHANGED.length] ?? {});
    await api.send('POST', SERVICE_ACCOUNT.path(namespace), object);
    await sleep(UNCHANGED_PAUSE_MS);
  }
}
