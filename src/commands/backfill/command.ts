import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import { BACKFILL_OUTPUTS } from '../options/output-forms.ts';
import { noHeadersOption, outputOption } from '../options/output-option.ts';
import { addScopeOptions } from '../options/scope-options.ts';
import { configurationOption, reverseOption } from '../options/setting-options.ts';
import { LOG_LEVELS } from '../options/settings.ts';
import type { BackfillTexts } from './backfill.ts';

/** 10,000 objects in less than a minute; an API server handles some hundreds of writes a second besides its other work. */
export const DEFAULT_QPS = 200;

/** Enough for 200 writes a second that take 40 ms each. */
const DEFAULT_CONCURRENCY = 8;

/** Adds `backfill`. */
export function addBackfillCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  addScopeOptions(program.command('backfill'))
    .description('Add missing gateway labels to existing objects.')
    .addOption(reverseOption())
    .addOption(configurationOption())
    .addOption(dryRunOption())
    .option(
      '--accept-pdb-overlap',
      'also label Pods that would then match several PodDisruptionBudgets (blocks node drains)',
      false,
    )
    .addOption(numberOption('--qps <writes>', 'maximum writes per second', DEFAULT_QPS, 10_000))
    .addOption(numberOption('--concurrency <writes>', 'maximum concurrent writes', DEFAULT_CONCURRENCY, 256))
    .addOption(outputOption(BACKFILL_OUTPUTS, '; log: log lines like those of serve'))
    .addOption(noHeadersOption())
    .addOption(new Option('--log-level <level>', 'with -o log: minimum log level').choices(LOG_LEVELS).default('info'))
    .option('--summary-file <file>', 'write a one-line summary to this file, such as the termination message of a Pod')
    .addHelpText('after', BACKFILL_HELP)
    .action(async (texts: BackfillTexts) => {
      const { backfill } = await import('./backfill.ts');
      exitWith(await backfill(texts, context));
    });
}

/** As in kubectl, except that the flag alone means `server`: there is no client-side dry run. */
function dryRunOption(): Option {
  return new Option('--dry-run [strategy]', '"none" or "server": server-side dry run; nothing is persisted')
    .argParser((text) => {
      if (text === 'none' || text === 'server') return text === 'server';
      throw new InvalidArgumentError('Expected server or none; to preview without writing, use audit.');
    })
    .preset('server')
    .default(false, 'none');
}

function numberOption(flags: string, description: string, value: number, most: number): Option {
  return new Option(flags, description).default(value).argParser((text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < 1 || number > most) {
      throw new InvalidArgumentError(`Expected a number from 1 to ${most}.`);
    }
    return number;
  });
}

const BACKFILL_HELP = `
Each write adds one label to exactly the version of the object that was read; labels are never changed or removed.
Ctrl-C is safe: writes in flight finish, and running the same command again resumes. Pods are labeled but their
ReplicaSets are not: new Pods get the label from the webhook.
Exit codes: 0; 1 if objects are still missing a label; 2 if the cluster cannot be read.

Examples:
  gateway-name-webhook backfill -A --dry-run
  gateway-name-webhook backfill -n envoy-gateway-system
`;
