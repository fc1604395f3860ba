import pino, { type Logger } from 'pino';
import type { Context } from './context.ts';
import type { ServeSettings } from './settings.ts';

/** Builds the process's logger: one JSON object a line, or lines for people. */
export async function buildLogger(
  { logLevel, logFormat }: Pick<ServeSettings, 'logLevel' | 'logFormat'>,
  stdout: Context['stdout'],
): Promise<Logger> {
  const options = {
    level: logLevel,
    // Neither process id nor host name: the cluster knows which Pod wrote a line.
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (!isPretty(logFormat, stdout)) return pino(options, stdout);

  const { default: pretty } = await import('pino-pretty');
  return pino(options, pretty({ destination: stdout, colorize: stdout.isTTY === true, translateTime: 'SYS:HH:MM:ss' }));
}

/** Tells whether log lines are for people. */
export function isPretty(logFormat: ServeSettings['logFormat'], { isTTY }: Context['stdout']): boolean {
  return logFormat === 'pretty' || (logFormat === 'auto' && isTTY === true);
}
