import type { Reverse } from '../../admission/gateway.ts';
import { type ApiServerVersion, judgeApiServer, judgeClock } from '../../doctor/api-server.ts';
import { type Check, checksOf, resultOf, type Section } from '../../doctor/check.ts';
import { judgeConfiguration } from '../../doctor/configuration.ts';
import { judgePolicies } from '../../doctor/policies.ts';
import { type NeedName, needsOf } from '../../doctor/rights.ts';
import { releaseOf } from '../../installation/configuration.ts';
import { type Installation, reverseOf } from '../../installation/installation.ts';
import { outcomeOf } from '../../installation/outcome.ts';
import { installedServices } from '../../installation/service.ts';
import { ApiClient } from '../../kubernetes/api-client.ts';
import { readInstallation } from '../../kubernetes/installation.ts';
import type { Context } from '../context.ts';
import type { ClusterTexts } from '../options/cluster-options.ts';
import type { DoctorOutput } from '../options/output-forms.ts';
import { asCalled } from '../program-name.ts';
import { examineCalls } from './call-evidence.ts';
import { examineObjects } from './objects-evidence.ts';
import { formatChecks } from './report.ts';
import { examineRights, type Rights } from './rights-evidence.ts';
import { examineServing, NOTHING_SERVED } from './serving-evidence.ts';

export interface DoctorTexts extends ClusterTexts {
  readonly namespace?: string;
  readonly webhookConfiguration?: string;
  readonly reverse?: Reverse;
  /** Undefined: all sections. */
  readonly only?: readonly Section[];
  readonly output: DoctorOutput;
}

/**
 * Checks an installation in a cluster without changing it, and prints problems and what to do. Returns the exit code: 0; 1 if
 * there are warnings or failures; or 2 if the API server cannot be reached, or all selected checks were skipped.
 */
export async function doctor(texts: DoctorTexts, context: Context): Promise<0 | 1 | 2> {
  const client = new ApiClient(texts, context.environment);
  let aheadMs: number | undefined;
  const onClock = (ms: number | undefined) => {
    aheadMs = ms;
  };
  const version = judgeApiServer(await outcomeOf(client.get<ApiServerVersion>({ path: '/version', onClock })));
  const isThere = version.status === 'ok';
  const now = new Date(Date.now() - (aheadMs ?? 0));
  const all = [
    ...checksOf('kubernetes-api', [version, ...judgeClock(aheadMs)]),
    ...(isThere ? await examine(client, texts, now) : []),
  ];
  const checks = texts.only && isThere ? all.filter(({ section }) => texts.only?.includes(section)) : all;
  const text = formatChecks(checks, texts.output, context.stdout.isTTY === true);
  context.stdout.write(texts.output === 'table' ? asCalled(text, context.program) : text);
  const isTold = !texts.only || checks.some(({ status }) => status !== 'skipped');
  if (!isThere || !isTold) return 2;
  return resultOf(checks) === 'ok' ? 0 : 1;
}

const EVERYTHING: Rights = { judgements: [], may: () => true };

/** Skips checks that are not selected, if they need permissions of their own. */
async function examine(client: ApiClient, texts: DoctorTexts, now: Date): Promise<Check[]> {
  const { webhookConfiguration: name, namespace = client.namespace, reverse, only } = texts;
  const isWanted = (section: Section) => only?.includes(section) ?? true;
  const isCallAlone = only?.every((section) => section === 'call') ?? false;
  const installation = await readInstallation(client, { name, command: 'doctor' });
  const { configuration, policies } = installation;
  const services = installedServices(configuration.value, { name: installation.name, namespace });
  const needs = needsOf({ trial: namespace, installation: services[0].namespace, isNamed: name !== undefined });
  // Permission for one object by name is enough, though a check for all of them would fail.
  const known: readonly NeedName[] = [
    ...(configuration.problem ? [] : (['configuration'] as const)),
    ...(policies.problem ? [] : (['policies', 'policyBindings'] as const)),
  ];
  const rights = isCallAlone ? EVERYTHING : await examineRights(client, needs, new Set(known));
  const { may } = rights;

  const { endpoints, certificates, isTrusted } = isCallAlone
    ? NOTHING_SERVED
    : await examineServing(client, installation, { services, may, now });
  const calls =
    may('trial') && isWanted('call') ? await examineCalls(client, { installation, namespace, isTrusted }) : [];
  const { objects, sunset } = await lookAtObjects(client, installation, { isWanted, may, reverse });
  const mayReadPolicies = may('policies') && may('policyBindings');

  return [
    ...checksOf('permissions', rights.judgements),
    ...checksOf('configuration', may('configuration') ? judgeConfiguration({ ...installation, reverse }) : []),
    ...checksOf('policies', mayReadPolicies ? judgePolicies(policies) : []),
    ...checksOf('endpoints', endpoints),
    ...checksOf('certificates', certificates),
    ...checksOf('call', calls),
    ...checksOf('objects', objects),
    ...checksOf('sunset', sunset),
  ];
}

interface ObjectsWish extends Pick<Rights, 'may'> {
  readonly isWanted: (section: Section) => boolean;
  readonly reverse: Reverse | undefined;
}

async function lookAtObjects(client: ApiClient, installation: Installation, { isWanted, may, reverse }: ObjectsWish) {
  const isLookedAt = isWanted('objects') || isWanted('sunset');
  if (!isLookedAt || !may('pods') || !may('services') || !may('serviceAccounts')) return { objects: [], sunset: [] };
  const { value } = installation.configuration;
  return examineObjects(client, {
    reverse: reverse ?? reverseOf(installation) ?? 'both',
    release: value && releaseOf(value),
    hasBudgets: may('budgets'),
  });
}
