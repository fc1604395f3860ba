import { outcomeOf } from '../../installation/outcome.ts';
import { ApiClient } from '../../kubernetes/api-client.ts';
import { readInstalledConfiguration } from '../../kubernetes/installed-configuration.ts';
import type { Context } from '../context.ts';
import { examineCall } from './call-evidence.ts';
import { formatJudgement } from './report.ts';

export interface VerifyTexts {
  readonly context?: string;
  readonly namespace?: string;
  readonly webhookConfiguration: string;
}

/**
 * Creates a ServiceAccount with one label by dry run, which leaves nothing behind, and tells whether it comes back with both.
 * Returns the exit code: 0; 1 when it does not, and then it says why; or 2 when it cannot be tried. Of what `doctor` looks at,
 * it is the part that takes the fewest rights.
 */
export async function verify(texts: VerifyTexts, context: Context): Promise<0 | 1 | 2> {
  const client = new ApiClient(texts, context.environment);
  const judgement = await examineCall(client, {
    direction: 'standard',
    configuration: texts.webhookConfiguration,
    namespace: texts.namespace ?? client.namespace,
    read: () => outcomeOf(readInstalledConfiguration(client, texts.webhookConfiguration)),
  });
  if (judgement.status === 'ok') {
    context.stdout.write(`${judgement.message}\n`);
    return 0;
  }
  context.stderr.write(formatJudgement(judgement));
  return judgement.status === 'failure' ? 1 : 2;
}
