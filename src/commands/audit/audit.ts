import { audit as auditObjects } from '../../objects/audit.ts';
import type { Context } from '../context.ts';
import type { ObjectOutput } from '../options/output-forms.ts';
import { AUDIT_RIGHTS, LIST_NAMESPACES } from '../options/rights.ts';
import { type ObjectsTexts, withObjects } from '../options/scoped-cluster.ts';
import { counted } from '../output/counted.ts';
import { write } from '../output/write.ts';
import { buildAuditReport } from './report.ts';

export interface AuditTexts extends ObjectsTexts {
  readonly output: ObjectOutput;
  /** Whether a finding is a failure. */
  readonly check: boolean;
  readonly webhookConfiguration: string;
}

/**
 * Prints which objects of the cluster lack a label, contradict themselves or name no Gateway, and what their missing labels
 * would wake. Returns the exit code: 0, or 1 when something is found and `check` is set.
 */
export async function audit(texts: AuditTexts, context: Context): Promise<0 | 1> {
  const report = buildAuditReport(texts.output, new Date());
  // A NetworkPolicy may select Pods by the labels of their namespaces.
  const rights = texts.allNamespaces ? [...AUDIT_RIGHTS, LIST_NAMESPACES] : AUDIT_RIGHTS;
  let missing = 0;
  let found = 0;

  const options = { command: 'audit', rights, environment: context.environment };
  const engine = await withObjects(texts, options, async ({ store, scope, client }) => {
    const summary = await auditObjects({
      store,
      scope,
      reverse: texts.reverse,
      onFinding: (finding) => {
        found += 1;
        if (finding.decision.add) missing += 1;
        return write(context.stdout, report.add(finding));
      },
    }).catch(async (error: Error) => {
      await write(context.stdout, report.end({ error: error.message }));
      throw error;
    });
    const { readInstalledEngine } = await import('../../kubernetes/installed-engine.ts');
    const installed = await readInstalledEngine(client, texts.webhookConfiguration);
    await write(context.stdout, report.end({ ...summary, engine: installed }));
    return installed;
  });
  if (context.stderr.isTTY) {
    const advice = missing > 0 ? ': `backfill` adds what is missing' : '';
    context.stderr.write(`${counted(found, 'finding')}${advice}\n`);
    if (engine === 'none')
      context.stderr.write(`nothing labels new objects: there is no ${texts.webhookConfiguration}\n`);
  }
  return texts.check && found > 0 ? 1 : 0;
}
