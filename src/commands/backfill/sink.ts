import type { Change } from '../../objects/backfill.ts';
import type { Context } from '../context.ts';
import type { BackfillOutput } from '../options/output-forms.ts';
import type { ServeSettings } from '../options/serve-settings.ts';
import { buildLogger } from '../output/logger.ts';
import { resourceName } from '../output/object-facts.ts';
import { write } from '../output/write.ts';
import { logChange, logEnd } from './log-lines.ts';
import { type BackfillSummary, buildBackfillReport } from './report.ts';

/** Receives the outcome for each object. */
export interface BackfillSink {
  /** Calls `makeRoom` before it writes anything. */
  readonly change: (change: Change, makeRoom: () => void) => Promise<void>;
  readonly end: (summary: BackfillSummary) => Promise<void>;
}

export interface SinkOptions {
  readonly output: BackfillOutput;
  readonly headers: boolean;
  readonly dryRun: boolean;
  /** For the form `log`. */
  readonly logLevel: ServeSettings['logLevel'];
}

/** Opens the sink for the form of output that the user wants. */
export async function openBackfillSink(
  { output, headers, dryRun, logLevel }: SinkOptions,
  context: Context,
): Promise<BackfillSink> {
  if (output === 'log') {
    const { logger, flush } = await buildLogger({ logLevel, logFormat: 'auto' }, context);
    return {
      change: async (change) => logChange(logger, change, dryRun),
      end: async (summary) => {
        logEnd(logger, summary);
        flush();
      },
    };
  }
  const report = buildBackfillReport(output, { dryRun, headers });
  return {
    change: async (change, makeRoom) => {
      const text = report.add(change);
      // Names alone do not show which objects are still missing a label.
      const isUntold = output === 'name' && 'detail' in change;
      if (text !== '' || isUntold) makeRoom();
      if (isUntold) context.stderr.write(`warning: ${resourceName(change.object)}: ${change.detail}\n`);
      await write(context.stdout, text);
    },
    end: (summary) => write(context.stdout, report.end(summary)),
  };
}
