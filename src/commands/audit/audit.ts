import { engineOf } from '../../installation/installation.ts';
import { audit as auditObjects } from '../../objects/audit.ts';
import type { Context } from '../context.ts';
import { effectiveReverse } from '../options/effective-reverse.ts';
import type { AuditOutput } from '../options/output-forms.ts';
import { AUDIT_RIGHTS, LIST_NAMESPACES } from '../options/rights.ts';
import { type ObjectsTexts, withObjects } from '../options/scoped-cluster.ts';
import { counted } from '../output/counted.ts';
import { write } from '../output/write.ts';
import { buildAuditReport } from './report.ts';

export interface AuditTexts extends ObjectsTexts {
  readonly output: AuditOutput;
  /** Whether a table has more than its rows. */
  readonly headers: boolean;
  /** Whether a finding is a failure. */
  readonly check: boolean;
}

/**
 * Prints the objects that are missing a label, have conflicting labels or name no Gateway, and what would start to select
 * them. Returns the exit code: 0, or 1 when something is found and `check` is set.
 */
export async function audit(texts: AuditTexts, context: Context): Promise<0 | 1> {
  const report = buildAuditReport(texts, new Date());
  // A NetworkPolicy may select Pods by the labels of their namespaces.
  const rights = texts.allNamespaces ? [...AUDIT_RIGHTS, LIST_NAMESPACES] : AUDIT_RIGHTS;
  let missing = 0;
  let found = 0;

  const options = { command: 'audit', rights, environment: context.environment };
  const { engine, name } = await withObjects(texts, options, async ({ store, scope, ...objects }) => {
    const installation = await objects.installation(texts.webhookConfiguration);
    const reverse = effectiveReverse(texts.reverse, installation, context.stderr);
    const summary = await auditObjects({
      store,
      scope,
      reverse,
      onFinding: (finding) => {
        found += 1;
        if (finding.decision.add) missing += 1;
        return write(context.stdout, report.add(finding));
      },
    }).catch(async (error: Error) => {
      await write(context.stdout, report.end({ error: error.message }));
      throw error;
    });
    const installed = { engine: engineOf(installation), name: installation.name };
    await write(context.stdout, report.end({ ...summary, engine: installed.engine }));
    return installed;
  });
  // An empty result is also reported without a terminal: a CI log would be empty otherwise.
  if (context.stderr.isTTY || found === 0) {
    const advice = missing > 0 ? ': run `backfill` to add the missing labels' : '';
    context.stderr.write(`${counted(found, 'finding')}${advice}\n`);
    if (engine === 'none') context.stderr.write(`new objects are not labeled: ${name} is not installed\n`);
  }
  return texts.check && found > 0 ? 1 : 0;
}
