import type { Reverse } from '../admission/gateway.ts';
import { type ApiServerVersion, judgeApiServer } from '../doctor/api-server-section.ts';
import { type Check, checksOf, type Judgement, resultOf } from '../doctor/check.ts';
import { judgeConfiguration } from '../doctor/configuration-section.ts';
import { installedService } from '../doctor/installed-service.ts';
import { reverseOf } from '../doctor/made-entry.ts';
import { outcomeOf } from '../doctor/outcome.ts';
import { type NeedName, needsOf } from '../doctor/rights-section.ts';
import { type Direction, entryOf, releaseOf, type WebhookConfiguration } from '../doctor/webhook-configuration.ts';
import { ApiClient } from '../kubernetes/api-client.ts';
import { readInstalledConfiguration } from '../kubernetes/installed-configuration.ts';
import { examineCall } from './call-examination.ts';
import type { Context } from './context.ts';
import { type DoctorOutput, formatChecks } from './doctor-output.ts';
import { examineCertificates, examineEndpoints } from './installation-examination.ts';
import { examineObjects } from './objects-examination.ts';
import { examineRights } from './rights-examination.ts';

export interface DoctorTexts {
  readonly context?: string;
  readonly namespace?: string;
  readonly webhookConfiguration: string;
  readonly reverse?: Reverse;
  readonly output: DoctorOutput;
}

/**
 * Looks at an installation in a cluster, changes nothing, and prints what is wrong with it and what to do. Returns the exit code:
 * 0, 1 when there is a warning or a failure, or 2 when the API server cannot be asked.
 */
export async function doctor(texts: DoctorTexts, context: Context): Promise<0 | 1 | 2> {
  const client = ApiClient.fromEnvironment(texts.context);
  const version = judgeApiServer(await outcomeOf(client.get<ApiServerVersion>({ path: '/version' })));
  const isThere = version.status === 'ok';
  const checks = [...checksOf('kubernetes-api', [version]), ...(isThere ? await examine(client, texts) : [])];
  context.stdout.write(formatChecks(checks, texts.output, context.stdout.isTTY === true));
  if (!isThere) return 2;
  return resultOf(checks) === 'ok' ? 0 : 1;
}

async function examine(client: ApiClient, texts: DoctorTexts): Promise<Check[]> {
  const { webhookConfiguration: name, namespace = client.namespace, reverse } = texts;
  const found = await outcomeOf(readInstalledConfiguration(client, name));
  const configuration = found.value;
  const service = installedService(configuration, { name, namespace });
  const needs = needsOf({ trial: namespace, installation: service.namespace });
  // A right to one object by its name is no right to all of them, but enough.
  const rights = await examineRights(client, needs, new Set<NeedName>(found.problem ? [] : ['configuration']));
  const { may } = rights;

  const { judgements: endpointJudgements, endpoints } = await examineEndpoints(client, service, rights);
  const certificates = configuration
    ? await examineCertificates(client, configuration, { endpoints, ...service, isDialled: may('portForward') })
    : [];
  const calls: Judgement[] = [];
  // One after the other: each counts calls.
  for (const direction of may('trial') ? directions(configuration) : []) {
    calls.push(await examineCall(client, { direction, configuration: name, namespace, read: async () => found }));
  }
  const mayList = may('pods') && may('services') && may('serviceAccounts');
  const { objects, sunset } = mayList
    ? await examineObjects(client, {
        reverse: reverse ?? configuredReverse(configuration) ?? 'both',
        release: configuration && releaseOf(configuration),
        hasBudgets: may('budgets'),
      })
    : { objects: [], sunset: [] };

  return [
    ...checksOf('rights', rights.judgements),
    ...checksOf('configuration', may('configuration') ? judgeConfiguration({ name, found, reverse }) : []),
    ...checksOf('endpoints', endpointJudgements),
    ...checksOf('certificates', certificates),
    ...checksOf('call', calls),
    ...checksOf('objects', objects),
    ...checksOf('sunset', sunset),
  ];
}

/** Where there is no configuration at all, one label tells enough. */
function directions(configuration: WebhookConfiguration | undefined): readonly Direction[] {
  return configuration && configuredReverse(configuration) !== 'off' ? ['standard', 'owner'] : ['standard'];
}

function configuredReverse(configuration: WebhookConfiguration | undefined): Reverse | undefined {
  const entry = entryOf(configuration, 'owner');
  return entry && reverseOf(entry);
}
