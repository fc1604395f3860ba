import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import { addClusterOptions } from '../options/cluster-options.ts';
import { STATUS_OUTPUTS, type StatusOutput } from '../options/output-forms.ts';
import { outputOption } from '../options/output-option.ts';
import { caSecretOption, configurationOption } from '../options/setting-options.ts';
import type { InstallationTexts } from './installation.ts';

/** Until a new CA is known everywhere takes a minute and a half; the rest is for replicas that are just being replaced. */
const ROTATE_TIMEOUT_SECONDS = 300;

/** Adds the commands that look at the certificates of an installation in a cluster, which they find as kubectl does. */
export function addCertsCommands(program: Command, context: Context, exitWith: (code: number) => void): void {
  const certs = program.command('certs').description('Look at the certificates of an installation, and rotate them.');
  const installed = (command: Command): Command =>
    addClusterOptions(command).addOption(caSecretOption()).addOption(configurationOption());

  installed(certs.command('status'))
    .description('Show which CAs and serving certificates there are, what is wrong with them, and what happens next.')
    .addOption(outputOption(STATUS_OUTPUTS))
    .addHelpText('after', STATUS_HELP)
    .action(async ({ output, ...texts }: InstallationTexts & { output: StatusOutput }) => {
      const [{ openInstallation }, { certsStatus }] = await Promise.all([
        import('./installation.ts'),
        import('./status.ts'),
      ]);
      exitWith(await certsStatus(await openInstallation(texts, 'status', context.environment), output, context));
    });

  installed(certs.command('rotate'))
    .description('Replace the CA now, and wait until every ready Pod serves from the new one.')
    .option('--distrust-old', 'take the CAs before it out of the caBundle at once, as a key has leaked', false)
    .addOption(
      new Option('--timeout <seconds>', 'wait no longer than this')
        .default(ROTATE_TIMEOUT_SECONDS)
        .argParser(parseTimeout),
    )
    .addHelpText('after', ROTATE_HELP)
    .action(
      async ({ distrustOld, timeout, ...texts }: InstallationTexts & { distrustOld: boolean; timeout: number }) => {
        const [{ openInstallation }, { certsRotate }] = await Promise.all([
          import('./installation.ts'),
          import('./rotate.ts'),
        ]);
        exitWith(
          await certsRotate(
            await openInstallation(texts, 'rotate', context.environment),
            { distrustOld, timeoutMs: timeout * 1000 },
            context,
          ),
        );
      },
    );
}

function parseTimeout(text: string): number {
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds > 86_400) throw new InvalidArgumentError('Expected seconds from 0 to 86400.');
  return seconds;
}

const STATUS_HELP = `
It connects to every ready Pod through the API server, which takes permission to get and create pods/portforward.
Exit codes: 0, 1 when something is wrong, 2 when the cluster cannot be asked.
`;

const ROTATE_HELP = `
The replicas do the work: to interrupt this command interrupts nothing, and to run it again goes on watching.
Nothing fails meanwhile. The old CA leaves the caBundle about a day later, when nothing it signed can still be served.
Exit codes: 0, 1 when it is not done in time, 2 when the cluster cannot be asked.
`;
