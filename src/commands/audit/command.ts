import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { AUDIT_OUTPUTS } from '../options/output-forms.ts';
import { noHeadersOption, outputOption } from '../options/output-option.ts';
import { addScopeOptions } from '../options/scope-options.ts';
import { configurationOption, reverseOption } from '../options/setting-options.ts';
import type { AuditTexts } from './audit.ts';

/** Adds `audit`. */
export function addAuditCommand(program: Command, context: Context, exitWith: (code: number) => void): void {
  addScopeOptions(program.command('audit'))
    .description('Find objects whose gateway labels are missing or conflict.')
    .addOption(reverseOption())
    .addOption(outputOption(AUDIT_OUTPUTS, '; wide: with the values of both labels'))
    .addOption(noHeadersOption())
    .option('--check', 'exit with 1 if there are findings', false)
    .addOption(configurationOption())
    .addHelpText('after', AUDIT_HELP)
    .action(async (texts: AuditTexts) => {
      const { audit } = await import('./audit.ts');
      exitWith(await audit(texts, context));
    });
}

const AUDIT_HELP = `
Exit codes: 0; 1 if there are findings, with --check; 2 if the cluster cannot be read.

Examples:
  gateway-name-webhook audit -A
  gateway-name-webhook audit -A --check -o json
`;
