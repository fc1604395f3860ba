import type { Change } from '../objects/backfill.ts';
import type { BackfillTexts } from './backfill.ts';
import { logChange, logEnd } from './backfill-log.ts';
import { type BackfillSummary, buildBackfillReport } from './backfill-output.ts';
import type { Context } from './context.ts';
import { buildLogger } from './logger.ts';
import { resourceName } from './object-output.ts';
import { write } from './write.ts';

/** Where it goes what became of each object. */
export interface BackfillSink {
  readonly change: (change: Change) => Promise<void>;
  readonly end: (summary: BackfillSummary) => Promise<void>;
}

/** Opens the sink for the form of output that the user wants. */
export async function openBackfillSink(
  { output, dryRun, logLevel }: BackfillTexts,
  context: Context,
): Promise<BackfillSink> {
  if (output === 'log') {
    const { logger, flush } = await buildLogger({ logLevel, logFormat: 'auto' }, context.stdout);
    return {
      change: async (change) => logChange(logger, change, dryRun),
      end: async ({ counts }) => {
        logEnd(logger, counts, dryRun);
        flush();
      },
    };
  }
  const report = buildBackfillReport(output, dryRun);
  return {
    change: async (change) => {
      // Names alone do not tell those that are left undone.
      if (output === 'name' && 'detail' in change) {
        context.stderr.write(`warning: ${resourceName(change.object)}: ${change.detail}\n`);
      }
      await write(context.stdout, report.add(change));
    },
    end: (summary) => write(context.stdout, report.end(summary)),
  };
}
