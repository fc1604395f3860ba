import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { readCertificates } from './ca.ts';

/** The same interval as for the directory of the serving certificate. The kubelet takes up to a minute to update a ConfigMap. */
export const POLL_MS = 10_000;

export interface ClientCAOptions {
  /** PEM: the CAs whose clients are served. */
  readonly file: string;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Called for each PEM that replaces another. */
  readonly onReplaced: (ca: string) => void;
  /** Called when the file cannot be used, so the previous CAs stay in use. */
  readonly onRefused: () => void;
  readonly pollMs?: number;
}

export interface ClientCAKeeper {
  /** The PEM in use. */
  readonly ca: () => string;
  readonly stop: () => void;
}

/**
 * Reads the client CAs from a file, and reloads them when it changes.
 *
 * Rejects if the file is unusable at the start: serving all clients instead would be wrong.
 */
export async function keepClientCA(options: ClientCAOptions): Promise<ClientCAKeeper> {
  const { file, logger, onReplaced, onRefused, pollMs = POLL_MS } = options;
  const first = await readClientCA(file);
  if (first.problem !== undefined) throw new Error(`Cannot use the client CA in ${file}: ${first.problem}`);
  let inUse = first.ca;
  let lastProblem: string | undefined;

  const check = async () => {
    const { ca, problem } = await readClientCA(file);
    const isNew = problem !== lastProblem;
    lastProblem = problem;
    if (problem !== undefined && isNew) {
      logger.warn({ file, reason: problem }, 'refused the client CA, keeping the one in use');
      onRefused();
    }
    if (ca === undefined || ca === inUse) return;
    inUse = ca;
    logger.info({ file }, 'replaced the client CA');
    onReplaced(ca);
  };

  let timer: NodeJS.Timeout;
  const poll = () => {
    timer = setTimeout(() => check().then(poll), pollMs).unref();
  };
  poll();
  return { ca: () => inUse, stop: () => clearTimeout(timer) };
}

type ClientCA =
  | { readonly ca: string; readonly problem?: undefined }
  | { readonly ca?: undefined; readonly problem: string };

async function readClientCA(file: string): Promise<ClientCA> {
  let ca: string;
  try {
    ca = await readFile(file, 'utf8');
  } catch (error) {
    return { problem: (error as Error).message };
  }
  // OpenSSL silently ignores what it cannot use.
  const certificates = readCertificates(ca);
  const blocks = ca.match(/-----BEGIN /g) ?? [];
  if (blocks.length === 0 || certificates.length < blocks.length)
    return { problem: 'it contains something other than PEM certificates' };
  if (!certificates.every((certificate) => certificate.ca))
    return { problem: 'it contains a certificate that is not a CA' };
  return { ca };
}
