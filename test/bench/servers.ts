import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BenchServer } from './measure.ts';
import type { ServerName } from './results.ts';
import { CONSTANT_ANSWER } from './servers/constant-answer.ts';
import type { TrustApi } from './trust-api.ts';

/** The servers of the bench. Yardsticks are bundled into `directory`, as the webhook is: otherwise they would start slower. */
export async function buildServers(
  directory: string,
  certificates: string,
): Promise<Readonly<Record<ServerName, BenchServer>>> {
  const scripts = fileURLToPath(new URL('servers', import.meta.url));
  await build({
    entryPoints: [join(scripts, 'https.ts'), join(scripts, 'https-json.ts')],
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    minifySyntax: true,
    logLevel: 'warning',
  });
  return {
    'gateway-name-webhook': { args: webhookArguments(['--certificates', certificates]) },
    'node:https + JSON.parse': { args: [join(directory, 'https-json.mjs'), certificates] },
    'node:https': { args: [join(directory, 'https.mjs'), certificates], constantAnswer: CONSTANT_ANSWER },
  };
}

/** The webhook in the certificate mode `self`. */
export function selfWebhook({ serviceAccount, environment }: TrustApi): BenchServer {
  const args = webhookArguments(['--certificate-mode', 'self', '--service-account', serviceAccount]);
  // As a kubelet would see it.
  return { args, environment, answersFrom: 'ready' };
}

/** The webhook as its users run it, on any free ports. */
export function webhookArguments(certificates: readonly string[]): readonly string[] {
  return [
    // As in its first line, by which the system starts it.
    '--max-semi-space-size=8',
    fileURLToPath(new URL('../../dist/main.js', import.meta.url)),
    'serve',
    ...['--listen', '127.0.0.1:0'],
    ...['--metrics-listen', '127.0.0.1:0'],
    ...certificates,
    ...['--log-format', 'json'],
    // Of no consequence before SIGTERM, and the bench sends that only once it has its answers.
    ...['--quiet-period', '0'],
  ];
}
