import { ApiServer } from './api-server.ts';
import {
  anyPod,
  deletePod,
  install,
  NAME,
  restart,
  restartedBy,
  takeCluster,
  uninstall,
  untilRolledOut,
} from './installation.ts';
import { busiestPod, hang, killProcessOf } from './kill.ts';
import { deleteAll, Load } from './load.ts';
import { rotate } from './rotate.ts';
import { readSettings, type Settings } from './settings.ts';
import { parseSoakOptions, type SoakOptions, USAGE } from './soak-options.ts';
import { type InstallTimes, installTable, type Round, roundTable } from './soak-report.ts';
import { underLoad } from './under-load.ts';

const NAMESPACE = `${NAME}-soak`;

/** Enough to see when the webhook starts to work, and too little to slow down the installation. */
const INSTALL_PER_SECOND = 20;

/** Long enough for the endpoint to be removed, and too short for the kubelet to restart the container. */
const HANG_MS = 30_000;

interface Soak {
  readonly api: ApiServer;
  readonly settings: Settings;
  readonly options: SoakOptions;
}

const options = parseSoakOptions(process.argv.slice(2));
if (options) await soak(options);
else console.log(USAGE);

/** Always runs to the end: users judge the numbers. */
async function soak(options: SoakOptions): Promise<void> {
  const settings = readSettings();
  const api = await ApiServer.current();
  const giveBack = await takeCluster(NAMESPACE);
  try {
    const installs = await soakInstalls({ api, settings, options });
    const rounds = await soakRounds({ api, settings, options });
    console.log(`${installTable(installs)}\n${roundTable(rounds)}`);
  } finally {
    await giveBack();
    api.close();
  }
}

async function soakInstalls({ api, settings, options }: Soak): Promise<InstallTimes[]> {
  const installs: InstallTimes[] = [];
  while (installs.length < options.installs) {
    const times = await timeInstall(api, settings);
    progress('install', installs.length, times);
    installs.push(times);
    await uninstall();
  }
  return installs;
}

/** Installs the chart while objects are created. */
async function timeInstall(api: ApiServer, settings: Settings): Promise<InstallTimes> {
  const load = new Load(api, NAMESPACE, INSTALL_PER_SECOND);
  const startedAtMs = Date.now();
  await install(settings).finally(() => load.stop());
  const returnedAtMs = Date.now();
  const before = await load.stop();

  const after = await underLoad({ api, settings, namespace: NAMESPACE, perSecond: INSTALL_PER_SECOND }, async () => {});
  await deleteAll(api, NAMESPACE);
  return {
    returnedAfterMs: returnedAtMs - startedAtMs,
    labelledAfterMs: (before.firstLabelledAtMs ?? after.load.firstLabelledAtMs ?? Number.NaN) - startedAtMs,
    missedAfterReturn: after.load.misses.length,
  };
}

async function soakRounds({ api, settings, options }: Soak): Promise<Round[]> {
  const rounds: Round[] = [];
  const { replicas, perSecond } = options;
  const soakOne = async (what: string, times: number, act: () => Promise<unknown>, afterwards = async () => {}) => {
    for (let index = 0; index < times; index += 1) {
      const round = { what, ...(await underLoad({ api, settings, namespace: NAMESPACE, perSecond }, act)) };
      progress(what, index, round);
      rounds.push(round);
      await afterwards();
    }
  };

  await install(settings, [`replicas=${replicas}`]);
  await soakOne('rolling restart', options.restarts, restart);
  await soakOne('deletion of a Pod', options.deletions, async () => deletePod(await anyPod()));
  await soakOne('rotation of CA and certificates', options.rotations, rotate);
  let killed = await anyPod();
  const kill = async () => {
    killed = await busiestPod(api);
    await restartedBy(killed, () => killProcessOf(killed, settings));
  };
  // Each kill needs a new Pod: the kubelet delays the restart of a container that has terminated before.
  await soakOne('SIGKILL of a process', options.kills, kill, () => deletePod(killed));
  const hanging = async () => {
    await hang(await busiestPod(api), settings, HANG_MS);
    await untilRolledOut();
  };
  await soakOne('SIGSTOP of a process for 30 s', options.hangs, hanging);
  return rounds;
}

function progress(what: string, index: number, result: object): void {
  console.error(`${new Date().toISOString()} ${what} ${index + 1}: ${JSON.stringify(result)}`);
}
