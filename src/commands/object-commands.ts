import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AuditTexts } from './audit/audit.ts';
import type { BackfillTexts } from './backfill/backfill.ts';
import type { Context } from './context.ts';
import type { ListTexts } from './list/list.ts';
import { BACKFILL_OUTPUTS, OBJECT_OUTPUTS } from './options/output-forms.ts';
import { addScopeOptions } from './options/scope-options.ts';
import { configurationOption, reverseOption } from './options/setting-options.ts';
import { LOG_LEVELS } from './options/settings.ts';

/** 10,000 objects in a minute; an API server serves some hundreds of writes a second beside all else. */
const DEFAULT_QPS = 200;

/** Enough for 200 writes a second that take 40 ms each. */
const DEFAULT_CONCURRENCY = 8;

/** Adds the commands that look at the objects of a cluster, and change them. */
export function addObjectCommands(program: Command, context: Context, exitWith: (code: number) => void): void {
  addScopeOptions(program.command('audit'))
    .description('Find the objects of a cluster that lack a label, or have two that contradict each other.')
    .addOption(reverseOption())
    .addOption(outputOption(OBJECT_OUTPUTS))
    .option('--check', 'exit with 1 when anything is found', false)
    .addOption(configurationOption('of the release, to tell what labels new objects'))
    .addHelpText('after', AUDIT_HELP)
    .action(async (texts: AuditTexts) => {
      const { audit } = await import('./audit/audit.ts');
      exitWith(await audit(texts, context));
    });

  addScopeOptions(program.command('backfill'))
    .description('Add the labels that objects of a cluster lack: those which the webhook did not see.')
    .addOption(reverseOption())
    .option('--dry-run', 'have the API server judge every change, and store none', false)
    .option(
      '--accept-pdb-overlap',
      'also Pods that two PodDisruptionBudgets would select, so that no drain ends',
      false,
    )
    .addOption(numberOption('--qps <writes>', 'writes a second, at most', DEFAULT_QPS, 10_000))
    .addOption(numberOption('--concurrency <writes>', 'writes at once, at most', DEFAULT_CONCURRENCY, 256))
    .addOption(outputOption(BACKFILL_OUTPUTS, '; log: lines as serve logs them'))
    .addOption(new Option('--log-level <level>', 'with -o log: least level to log').choices(LOG_LEVELS).default('info'))
    .option('--summary-file <file>', 'write there, in one line, how it ended: the termination message of a Pod')
    .addHelpText('after', BACKFILL_HELP)
    .action(async (texts: BackfillTexts) => {
      const { backfill } = await import('./backfill/backfill.ts');
      exitWith(await backfill(texts, context));
    });

  addListCommand(program, context, exitWith);
}

/** Adds `list`. */
function addListCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  addScopeOptions(program.command('list'))
    .description('Show what was generated for Gateways, by either label, and which labels it has.')
    .argument('[gateway]', 'name of a Gateway, or its namespace/name; otherwise of all')
    .addOption(outputOption(OBJECT_OUTPUTS))
    .addHelpText('after', LIST_HELP)
    .action(async (gateway: string | undefined, texts: ListTexts) => {
      const { list } = await import('./list/list.ts');
      exitWith(await list(gateway, texts, context));
    });
}

function outputOption(choices: readonly string[], more = ''): Option {
  return new Option('-o, --output <form>', `how to print it${more}`).choices(choices).default('table');
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

const AUDIT_HELP = `
Exit codes: 0, 1 when anything is found and --check is set, 2 when the cluster cannot be asked.

Examples:
  gateway-name-webhook audit -A
  gateway-name-webhook audit -A --check -o json
`;

const BACKFILL_HELP = `
Every write is for exactly the object that was read, and adds one label; none is ever changed or removed. To interrupt
it (Ctrl-C) is safe: what was begun is finished, and the same command goes on. A Pod's label leaves its ReplicaSet alone;
Pods that come later get theirs from the webhook.
Exit codes: 0, 1 when objects are left undone, 2 when the cluster cannot be asked.

Examples:
  gateway-name-webhook backfill -A --dry-run
  gateway-name-webhook backfill -n envoy-gateway-system
`;

const LIST_HELP = `
Exit codes: 0, 2 when the cluster cannot be asked.

Examples:
  gateway-name-webhook list -A
  gateway-name-webhook list eg -n envoy-gateway-system -o name | xargs kubectl -n envoy-gateway-system describe
`;
