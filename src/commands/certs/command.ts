import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import { addClusterOptions } from '../options/cluster-options.ts';
import { parseDuration } from '../options/duration.ts';
import { STATUS_OUTPUTS, type StatusOutput } from '../options/output-forms.ts';
import { outputOption } from '../options/output-option.ts';
import { caSecretOption, configurationOption } from '../options/setting-options.ts';
import type { InstallationTexts } from './installation.ts';

/** Until a new CA is known everywhere takes a minute and a half; the rest is for replicas that are just being replaced. */
const ROTATE_TIMEOUT_MS = 300_000;

/** A day: as long as a serving certificate lives. */
const LONGEST_TIMEOUT_MS = 86_400_000;

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
      exitWith(await certsStatus(await openInstallation(texts, 'status', context), output, context));
    });

  installed(certs.command('rotate'))
    .description('Replace the CA now, and wait until every ready Pod serves from the new one.')
    .option('--distrust-old', 'take the CAs before it out of the caBundle at once, as a key has leaked', false)
    .addOption(
      new Option('--timeout <duration>', 'how long to wait, such as 10m')
        .default(ROTATE_TIMEOUT_MS, '5m')
        .argParser(parseTimeout),
    )
    .addHelpText('after', ROTATE_HELP)
    .action(
      async ({ distrustOld, timeout, ...texts }: InstallationTexts & { distrustOld: boolean; timeout: number }) => {
        const [{ openInstallation }, { certsRotate }] = await Promise.all([
          import('./installation.ts'),
          import('./rotate.ts'),
        ]);
        const installation = await openInstallation(texts, 'rotate', context);
        context.stderr.write(`writing to ${installation.cluster}\n`);
        exitWith(await certsRotate(installation, { distrustOld, timeoutMs: timeout }, context));
      },
    );
}

function parseTimeout(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms > LONGEST_TIMEOUT_MS) {
    throw new InvalidArgumentError('Expected a duration such as 10m, at most 24h.');
  }
  return ms;
}

const STATUS_HELP = `
It connects to every ready Pod through the API server, which takes permission to get and create pods/portforward.
Exit codes: 0, 1 when something is wrong, 2 when the cluster cannot be asked.
`;

const ROTATE_HELP = `
The replicas do the work: to interrupt this command interrupts nothing, and to run it again goes on watching.
An API server that fails for a while is asked again until the timeout.
Nothing fails meanwhile. The old CA leaves the caBundle about a day later, when nothing it signed can still be served.
Exit codes: 0, 1 when it is not done in time, 2 when the cluster cannot be asked.
`;
