import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BenchServer } from './measure.ts';
import type { ServerName } from './results.ts';
import { CONSTANT_ANSWER } from './servers/constant-answer.ts';
import type { TrustApi } from './trust-api.ts';

/** The servers of the bench. Yardsticks are bundled into `directory`, like the webhook: otherwise they would start more slowly. */
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

export function selfWebhook({ serviceAccount, environment }: TrustApi): BenchServer {
  const args = webhookArguments(['--certificate-mode', 'self', '--service-account', serviceAccount]);
  // The first start is complete when the kubelet's readiness probe would succeed.
  return { args, environment, answersFrom: 'ready' };
}

/** The webhook with its usual options, on free ports. */
export function webhookArguments(certificates: readonly string[]): readonly string[] {
  return [
    // The same as in the first line of dist/main.js.
    '--max-semi-space-size=8',
    fileURLToPath(new URL('../../dist/main.js', import.meta.url)),
    'serve',
    ...['--listen', '127.0.0.1:0'],
    ...['--metrics-listen', '127.0.0.1:0'],
    ...certificates,
    ...['--log-format', 'json'],
    // It only delays the shutdown, after all answers.
    ...['--quiet-period', '0'],
  ];
}
