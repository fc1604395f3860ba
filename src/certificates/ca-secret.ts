import { type CA, type FormerCA, isKeyOf, readCACertificate } from './ca.ts';
import { BACKDATE_MS } from './renewal.ts';

/** The one key of the Secret's data that this program reads and writes. */
export const CA_SECRET_KEY = 'cas.json';

const STATES: readonly unknown[] = ['active', 'pending', 'retired', 'distrusted'] satisfies CA['state'][];

/** A CA as it is written. */
interface StoredCA {
  readonly certificate: string;
  readonly key?: string;
  readonly state: CA['state'];
  readonly since: string;
}

/** For the log: a Secret with other content is one problem, not a thousand. */
const MOST_REASONS = 5;

/** The usable CAs of a Secret, and why others were refused. */
export interface SecretContent {
  readonly cas: readonly CA[];
  readonly refused: readonly string[];
}

/**
 * Reads the CAs from a Secret's data. Nothing in it is trusted: each CA must have been created by this program and be in
 * date, and each key must match its certificate.
 */
export function readSecretContent(text: string | undefined, now: Date): SecretContent {
  if (text === undefined) return { cas: [], refused: [] };
  const stored = parsedList(text);
  if (!stored) return { cas: [], refused: [`${CA_SECRET_KEY} is not a JSON list`] };

  const cas: CA[] = [];
  const refused: string[] = [];
  for (const [index, item] of stored.entries()) {
    const read = isStoredCA(item) ? readStored(item, cas, now) : 'it is not a CA entry';
    const problem = typeof read === 'string' ? read : read?.demoted;
    if (problem !== undefined && refused.length < MOST_REASONS)
      refused.push(`CA ${index + 1} of ${stored.length}: ${problem}`);
    if (typeof read === 'object') cas.push(read.ca);
  }
  return { cas, refused };
}

/**
 * Reports whether a replica can have written this timestamp. A replica whose clock is off by more than certificates are
 * backdated writes nothing; of two that write, one may be ahead and the other behind by that much.
 */
export function isBelievable(since: Date, now: Date): boolean {
  return since.getTime() <= now.getTime() + 2 * BACKDATE_MS;
}

/** Writes CAs as `readSecretContent` reads them. */
export function writeSecretContent(cas: readonly CA[]): string {
  const stored = cas.map((ca) => ({
    certificate: ca.cert,
    key: 'key' in ca ? ca.key : undefined,
    state: ca.state,
    since: ca.since.toISOString(),
  }));
  return `${JSON.stringify(stored, null, 2)}\n`;
}

function parsedList(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isStoredCA(item: unknown): item is StoredCA {
  if (typeof item !== 'object' || item === null) return false;
  const { certificate, key, state, since } = item as Readonly<Record<string, unknown>>;
  return (
    typeof certificate === 'string' &&
    (key === undefined || typeof key === 'string') &&
    STATES.includes(state) &&
    typeof since === 'string'
  );
}

type ReadCA = { readonly ca: CA; readonly demoted?: string } | string | undefined;

/**
 * A CA of the list; or why it is refused; or undefined if it has expired as expected. One that cannot sign is still trusted:
 * it may have signed certificates in use.
 */
function readStored(stored: StoredCA, before: readonly CA[], now: Date): ReadCA {
  const certificate = readCACertificate(stored.certificate);
  if (!certificate) return 'its certificate is not a CA created by this program';
  const { state, key } = stored;
  const former = state === 'retired' || state === 'distrusted' ? state : undefined;
  if (certificate.notAfter <= now) {
    return former ? undefined : `it expired at ${certificate.notAfter.toISOString()}`;
  }
  if (before.some(({ fingerprint }) => fingerprint === certificate.fingerprint)) return 'it is a duplicate';

  const demoted: FormerCA = { ...certificate, state: former ?? 'retired', since: now };
  const since = new Date(stored.since);
  if (!isBelievable(since, now)) return { ca: demoted, demoted: `its timestamp is ${stored.since.slice(0, 40)}` };
  if (former) return { ca: { ...certificate, state: former, since } };
  if (before.some((other) => other.state === state)) return { ca: demoted, demoted: `another one is also ${state}` };
  if (key === undefined) return { ca: demoted, demoted: 'it has no key' };
  if (!isKeyOf(certificate, key)) return { ca: demoted, demoted: 'its key does not match its certificate' };
  return { ca: { ...certificate, state, since, key } };
}
