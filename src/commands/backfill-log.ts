import type { Logger } from 'pino';
import type { Change } from '../objects/backfill.ts';
import type { Counts } from './backfill-output.ts';
import { gatewayName } from './object-output.ts';

/** Logs a change with the fields of the line by which the webhook logs a decision. */
export function logChange(logger: Logger, change: Change, dryRun: boolean): void {
  const { object, decision, outcome } = change;
  const { namespace, name } = object.metadata;
  const fields = { reason: decision.reason, kind: object.kind, namespace, name, gateway: gatewayName(object), dryRun };
  if (outcome === 'added') logger.info(fields, 'added the label');
  else if (outcome === 'settled') logger.debug(fields, 'nothing left to add');
  else logger.warn({ ...fields, outcome, detail: change.detail }, 'left without the label');
}

/** Logs how it ended: a warning when there was anything to add, as the webhook should have. */
export function logEnd(logger: Logger, counts: Counts, dryRun: boolean): void {
  const isClean = counts.added + counts.skipped + counts.failed === 0;
  logger[isClean ? 'info' : 'warn'](
    { ...counts, dryRun },
    isClean ? 'nothing lacked a label' : 'objects lacked a label',
  );
}
