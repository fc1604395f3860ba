import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from '../context.ts';
import { addClusterOptions } from '../options/cluster-options.ts';
import { parseDuration } from '../options/duration.ts';
import { STATUS_OUTPUTS, type StatusOutput } from '../options/output-forms.ts';
import { outputOption } from '../options/output-option.ts';
import { caSecretOption, configurationOption } from '../options/setting-options.ts';
import type { InstallationTexts } from './installation.ts';

/** A new CA takes a minute and a half to be seen everywhere; the rest is for replicas that are being replaced. */
export const ROTATE_TIMEOUT_MS = 300_000;

/** A day: as long as a serving certificate lives. */
const LONGEST_TIMEOUT_MS = 86_400_000;

/** Adds the commands for the certificates of an installation; they find the cluster as kubectl does. */
export function addCertsCommands(program: Command, context: Context, exitWith: (code: number) => void): void {
  const certs = program.command('certs').description('Inspect and rotate the certificates of an installation.');
  const installed = (command: Command): Command =>
    addClusterOptions(command).addOption(caSecretOption()).addOption(configurationOption());

  installed(certs.command('status'))
    .description('Show CAs and serving certificates, problems, and what happens next.')
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
    .description('Replace the CA now, and wait until every ready Pod serves a certificate from the new one.')
    .option('--distrust-old', 'remove the previous CAs from the caBundle immediately, after a key leak', false)
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
Connects to every ready Pod through the API server, which requires permission to get and create pods/portforward.
Exit codes: 0; 1 if there are problems; 2 if the cluster cannot be read.
`;

const ROTATE_HELP = `
The replicas rotate the CA: interrupting this command does not stop them, and running it again resumes waiting.
Failed requests to the API server are retried until the timeout.
Webhook calls keep succeeding. The old CA leaves the caBundle about a day later, when no certificate it signed is in use.
Exit codes: 0; 1 if it takes longer than --timeout; 2 if the cluster cannot be read.
`;
