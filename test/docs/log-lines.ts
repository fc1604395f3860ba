import { filesLike } from '../support/pages.ts';

/** The messages that the webhook and heal log at level info and above. A message that is missing here fails a test. */
export const LINE_MEANINGS: Readonly<Record<string, string>> = {
  starting: 'the process is up and has no certificate yet; `metrics` is the address of its metrics',
  'accepting connections': 'one of the ports is open; `listening` has the addresses',
  listening: 'it accepts reviews; `url` and `metrics` are its addresses',
  ready: 'it is ready: API servers trust its certificate',
  'not ready': '`reason` says why it gets no calls',
  decided: 'a label was added or could not be: see the fields below',
  'refused a request': 'a request got an HTTP error; `reason` says why',
  'refused a connection': 'a connection was not valid HTTP, or too slow',
  'failed to answer a request': 'a bug; please report it with `err`',
  'closed a connection to make room for another': 'more connections than the limit are open',
  'suppressed log lines': '`leftOut` lines with this `reason` were not logged in the last second',
  'issued a serving certificate': 'mode `self`: the replica signed a certificate for itself',
  'created the Secret': 'mode `self`: the Secret of the CAs did not exist',
  'wrote the Secret': 'mode `self`: a CA was added or changed its state',
  'wrote the caBundle': 'mode `self`: the caBundle was not as it must be; `reason` says why',
  waiting: 'mode `self`: something is missing; `reason` says what',
  'refused part of the Secret': 'mode `self`: the Secret has something that cannot be used; `reason` says what',
  'failed to maintain the CAs, serving with the current certificate':
    'mode `self`: the API server cannot be reached, or refuses',
  'the API server answers again': 'mode `self`: the failure above is over',
  'the clock is wrong, not writing anything': "mode `self`: the node's clock is off by more than an hour",
  'the clock agrees with the API server again': 'mode `self`: the clock has been corrected',
  'issuing a certificate': 'mode `files`: the directory has none, or it is due',
  'replaced the serving certificate': 'mode `files`: the directory has another certificate',
  'refused certificates, keeping the ones in use': 'mode `files`: the directory has certificates that cannot be used',
  'failed to check the certificates': 'mode `files`: the directory cannot be read',
  'replaced the client CA': 'the file of `--client-ca` has changed',
  'refused the client CA, keeping the one in use': 'the file of `--client-ca` cannot be used',
  'draining; a second signal exits immediately': 'SIGTERM or SIGINT: it answers on until it is quiet',
  closed: 'all connections are closed; the process exits',
  'closing after an error': 'a bug; please report it with `err`',
  'exiting immediately': 'a second signal came',
  'exiting: the grace period is over': 'requests were still coming after `--grace-period`',
  'added the label': 'heal: a label was added',
  'did not add the label': 'heal: an object is left without a label; `outcome` and `detail` say why',
  'objects were missing a label': 'heal: the end of a run that found something, with counts',
  'no objects were missing a label': 'heal: the end of a run that found nothing',
  'stopped before all objects were checked': 'heal: the end of a run that failed; `error` says why',
};

/** A message in the code, with its level. */
export interface LoggedLine {
  readonly level: string;
  readonly message: string;
}

/** Every message that the code logs at level info and above. */
export function loggedLines(): LoggedLine[] {
  const call = /\blog(?:ger)?\.(info|warn|error|fatal)\((?:[^'();]|\([^()]*\))*'([^']+)'\s*,?\s*\)/g;
  // Fastify logs this one.
  const listening = /\b(listenTextResolver): \(\) => '([^']+)'/g;
  const lines = filesLike(/^src\/.*\.ts$/).flatMap(({ text }) =>
    [...text.matchAll(call), ...text.matchAll(listening)].map(([, caller = '', message = '']) => ({
      level: caller === 'listenTextResolver' ? 'info' : caller,
      message,
    })),
  );
  return [...new Map(lines.map((line) => [line.message, line])).values()];
}
