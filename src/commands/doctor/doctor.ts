import type { Reverse } from '../../admission/gateway.ts';
import { type ApiServerVersion, judgeApiServer } from '../../doctor/api-server.ts';
import { type Check, checksOf, type Judgement, resultOf } from '../../doctor/check.ts';
import { judgeConfiguration } from '../../doctor/configuration.ts';
import { judgePolicies } from '../../doctor/policies.ts';
import { type NeedName, needsOf } from '../../doctor/rights.ts';
import { entryOf, releaseOf, type WebhookConfiguration } from '../../installation/configuration.ts';
import type { Direction } from '../../installation/direction.ts';
import { type Outcome, outcomeOf } from '../../installation/outcome.ts';
import type { InstalledPolicy } from '../../installation/policy.ts';
import { objectsName } from '../../installation/release-name.ts';
import { reverseOf } from '../../installation/reverse.ts';
import { installedService } from '../../installation/service.ts';
import { ApiClient } from '../../kubernetes/api-client.ts';
import { readInstalledConfiguration } from '../../kubernetes/installed-configuration.ts';
import { readPolicies } from '../../kubernetes/policies.ts';
import type { Context } from '../context.ts';
import type { DoctorOutput } from '../options/output-forms.ts';
import { examineCall, examinePolicyCall, examineWebhook } from './call-evidence.ts';
import { examineObjects } from './objects-evidence.ts';
import { formatChecks } from './report.ts';
import { examineRights } from './rights-evidence.ts';
import { examineCertificates, examineEndpoints } from './serving-evidence.ts';

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
  const client = new ApiClient(texts, context.environment);
  const version = judgeApiServer(await outcomeOf(client.get<ApiServerVersion>({ path: '/version' })));
  const isThere = version.status === 'ok';
  const checks = [...checksOf('kubernetes-api', [version]), ...(isThere ? await examine(client, texts) : [])];
  context.stdout.write(formatChecks(checks, texts.output, context.stdout.isTTY === true));
  if (!isThere) return 2;
  return resultOf(checks) === 'ok' ? 0 : 1;
}

async function examine(client: ApiClient, texts: DoctorTexts): Promise<Check[]> {
  const { webhookConfiguration: name, namespace = client.namespace, reverse } = texts;
  const [found, foundPolicies] = await Promise.all([
    outcomeOf(readInstalledConfiguration(client, name)),
    outcomeOf(readPolicies(client, objectsName(name))),
  ]);
  const configuration = found.value;
  const policies = foundPolicies.value ?? [];
  const hasPolicies = policies.length > 0;
  const service = installedService(configuration, { name, namespace });
  const needs = needsOf({ trial: namespace, installation: service.namespace });
  // A right to one object by its name is no right to all of them, but enough.
  const known: readonly NeedName[] = [
    ...(found.problem ? [] : (['configuration'] as const)),
    ...(foundPolicies.problem ? [] : (['policies', 'policyBindings'] as const)),
  ];
  const rights = await examineRights(client, needs, new Set(known));
  const { may } = rights;
  const isWebhook = configuration !== undefined || !hasPolicies;

  const { judgements: endpointJudgements, endpoints } = isWebhook
    ? await examineEndpoints(client, service, rights)
    : { judgements: [], endpoints: [] };
  const certificates = configuration
    ? await examineCertificates(client, configuration, { endpoints, ...service, isDialled: may('portForward') })
    : [];
  const calls = may('trial') ? await examineCalls(client, { name, namespace, found, policies }) : [];
  const mayList = may('pods') && may('services') && may('serviceAccounts');
  const { objects, sunset } = mayList
    ? await examineObjects(client, {
        reverse: reverse ?? configuredReverse(configuration) ?? 'both',
        release: configuration && releaseOf(configuration),
        hasBudgets: may('budgets'),
      })
    : { objects: [], sunset: [] };
  const mayReadPolicies = may('policies') && may('policyBindings');

  return [
    ...checksOf('rights', rights.judgements),
    ...checksOf('configuration', may('configuration') ? judgeConfiguration({ name, found, reverse, hasPolicies }) : []),
    ...checksOf('policies', mayReadPolicies ? judgePolicies(foundPolicies) : []),
    ...checksOf('endpoints', endpointJudgements),
    ...checksOf('certificates', certificates),
    ...checksOf('call', calls),
    ...checksOf('objects', objects),
    ...checksOf('sunset', sunset),
  ];
}

interface Engines {
  /** Of the configuration. */
  readonly name: string;
  readonly namespace: string;
  readonly found: Outcome<WebhookConfiguration | undefined>;
  readonly policies: readonly InstalledPolicy[];
}

/** Tries each engine that there is, one trial after the other: each counts calls. */
async function examineCalls(client: ApiClient, { name, namespace, found, policies }: Engines): Promise<Judgement[]> {
  const calls: Judgement[] = [];
  const configuration = found.value;
  const hasWebhook = configuration !== undefined;
  for (const policy of policies) calls.push(await examinePolicyCall(client, policy, { namespace, hasWebhook }));
  if (policies.length > 0 && !configuration) return calls;

  for (const direction of directions(configuration)) {
    // What a policy has labelled, the webhook is not asked about.
    const isLabelled = configuration && policies.some((policy) => policy.direction === direction);
    calls.push(
      isLabelled
        ? await examineWebhook(client, configuration, { direction, namespace })
        : await examineCall(client, { direction, configuration: name, namespace, read: async () => found }),
    );
  }
  return calls;
}

/** Where there is no configuration at all, one label tells enough. */
function directions(configuration: WebhookConfiguration | undefined): readonly Direction[] {
  return configuration && configuredReverse(configuration) !== 'off' ? ['standard', 'owner'] : ['standard'];
}

function configuredReverse(configuration: WebhookConfiguration | undefined): Reverse | undefined {
  const entry = entryOf(configuration, 'owner');
  return entry && reverseOf(entry);
}
