import pino, { type Logger } from 'pino';
import type { Context } from '../context.ts';
import type { ServeSettings } from '../options/serve-settings.ts';
import { LineBuffer } from './line-buffer.ts';

/** A logger, and how to have all of it written before the process exits. */
export interface Log {
  readonly logger: Logger;
  readonly flush: () => void;
}

/** Builds the process's logger: one JSON object a line, or lines for people. */
export async function buildLogger(
  { logLevel, logFormat }: Pick<ServeSettings, 'logLevel' | 'logFormat'>,
  { stdout, environment }: Pick<Context, 'stdout' | 'environment'>,
): Promise<Log> {
  const options = {
    level: logLevel,
    // Neither process id nor host name: the cluster knows which Pod wrote a line.
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (!isPretty(logFormat, stdout)) {
    const lines = new LineBuffer(stdout);
    return { logger: pino(options, lines), flush: () => lines.flush() };
  }

  const { default: pretty } = await import('pino-pretty');
  // https://no-color.org: any text that is not empty.
  const colorize = stdout.isTTY === true && !environment['NO_COLOR'];
  const stream = pretty({ destination: stdout, colorize, translateTime: 'SYS:HH:MM:ss' });
  return { logger: pino(options, stream), flush: () => {} };
}

/** Reports whether log lines are for people. */
export function isPretty(logFormat: ServeSettings['logFormat'], { isTTY }: Context['stdout']): boolean {
  return logFormat === 'pretty' || (logFormat === 'auto' && isTTY === true);
}
