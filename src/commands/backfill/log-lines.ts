import type { Logger } from 'pino';
import type { Change } from '../../objects/backfill.ts';
import { gatewayName } from '../output/object-facts.ts';
import type { BackfillSummary } from './report.ts';

/** Logs a change with the fields of the line by which the webhook logs a decision. */
export function logChange(logger: Logger, change: Change, dryRun: boolean): void {
  const { object, decision, outcome } = change;
  const { namespace, name } = object.metadata;
  const fields = { reason: decision.reason, kind: object.kind, namespace, name, gateway: gatewayName(object), dryRun };
  if (outcome === 'added') logger.info(fields, 'added the label');
  else if (outcome === 'settled') logger.debug(fields, 'nothing left to add');
  else logger.warn({ ...fields, outcome, detail: change.detail }, 'did not add the label');
}

/** Logs the result: a warning if anything was missing, because the webhook should have added it. */
export function logEnd(logger: Logger, { counts, dryRun, error }: BackfillSummary): void {
  const fields = { ...counts, dryRun };
  if (error !== undefined) logger.error({ ...fields, error }, 'stopped before all objects were checked');
  else if (counts.added + counts.skipped + counts.failed > 0) logger.warn(fields, 'objects were missing a label');
  else logger.info(fields, 'no objects were missing a label');
}
