import type { CA, CACertificate, SigningCA } from '../../../src/certificates/ca.ts';
import { isBelievable } from '../../../src/certificates/ca-secret.ts';
import type { Observation } from '../../../src/certificates/observation.ts';
import { BACKDATE_MS } from '../../../src/certificates/renewal.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** How far an API server may lag behind. */
const LAG = MINUTE;

/** How long an outsider's edit of the caBundle may last. */
const REPAIR_LIMIT = 15 * SECOND;

interface Version<T> {
  readonly resourceVersion: string;
  readonly from: number;
  readonly value: T;
  /** Whether an outsider wrote it. */
  readonly isEdit: boolean;
}

/** One object of the API server, with its previous versions: reads may be outdated. */
class Stored<T> {
  readonly versions: Version<T>[];

  constructor(value: T, now: number) {
    this.versions = [{ resourceVersion: '1', from: now, value, isEdit: false }];
  }

  get last(): Version<T> {
    const version = this.versions.at(-1);
    if (!version) throw new Error('there is no version');
    return version;
  }

  at(time: number): Version<T> {
    return this.versions.findLast(({ from }) => from <= time) ?? this.last;
  }

  set(value: T, now: number, isEdit: boolean): void {
    const resourceVersion = String(Number(this.last.resourceVersion) + 1);
    this.versions.push({ resourceVersion, from: now, value, isEdit });
    // A replica looks back no further than its longest pause between a read and a write, which compares the resourceVersion.
    if (this.versions.length > 50) this.versions.shift();
  }
}

/** Both entries of the webhook configuration have the same caBundle, unless an outsider edits one. */
export type Bundles = readonly [string, string];

export interface Leaf {
  readonly ca: CACertificate;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Everything outside the replicas, in true time (ms): the Secret, the webhook configuration, certificates, and the invariants. */
export class World {
  now: number;
  readonly secret: Stored<readonly CA[] | undefined>;
  readonly bundles: Stored<Bundles>;
  readonly #cas = new Map<string, CACertificate>();
  readonly #casOf = new Map<string, CACertificate[]>();
  bundleWrites = 0;
  secretWrites = 0;
  casMade = 0;
  /** Valid, trusted CAs whose key a replica has discarded, although no other CA could sign. */
  keysDiscarded = 0;

  constructor(start: number) {
    this.now = start;
    this.secret = new Stored<readonly CA[] | undefined>([], start);
    this.bundles = new Stored<Bundles>(['', ''], start);
  }

  /** A CA like those of the program, but without a key, which would take a second to generate. */
  issueCA(now: Date, lifetimeMs: number): CACertificate {
    const id = String(this.#cas.size + 1);
    const ca = {
      fingerprint: id,
      cert: `<${id}>`,
      notBefore: new Date(now.getTime() - BACKDATE_MS),
      notAfter: new Date(now.getTime() + lifetimeMs),
      renewAt: new Date(now.getTime() + lifetimeMs * (2 / 3 + ((this.#cas.size * 7) % 10) / 200)),
    };
    this.#cas.set(id, ca);
    return ca;
  }

  casIn(caBundle: string): readonly CACertificate[] {
    const read = this.#casOf.get(caBundle);
    if (read) return read;
    const cas = [...caBundle.matchAll(/<(\d+)>/g)].flatMap(([, id]) => this.#cas.get(id ?? '') ?? []);
    this.#casOf.set(caBundle, cas);
    return cas;
  }

  writeSecret(cas: readonly CA[]): void {
    const before = this.secret.last.value ?? [];
    const active = before.find(({ state }) => state === 'active');
    const pending = before.find(({ state }) => state === 'pending');
    const hasKey = (ca: CA | undefined) => cas.some((one) => one.fingerprint === ca?.fingerprint && 'key' in one);
    // Only a promotion may discard a key, because the promoted CA can sign.
    const isInDate = active !== undefined && active.notAfter.getTime() > this.now;
    if (isInDate && !hasKey(active) && !(pending && hasKey(pending))) this.keysDiscarded += 1;
    this.secret.set(cas, this.now, false);
    this.secretWrites += 1;
  }

  /** Returns the Secret and the webhook configuration at a given time, as a replica reads them whose clock shows `now`. */
  read(time: number, now: Date): Pick<Observation, 'secret' | 'configuration'> {
    const secret = this.secret.at(time);
    const bundles = this.bundles.at(time);
    return {
      secret: secret.value && { resourceVersion: secret.resourceVersion, ...readCAs(secret.value, now) },
      configuration: {
        resourceVersion: bundles.resourceVersion,
        entries: bundles.value.map((caBundle, index) => ({
          name: String(index),
          caBundle,
          cas: this.casIn(caBundle),
        })),
      },
    };
  }

  /** Returns why clients reject a certificate; undefined if they accept it with every caBundle since then, outsiders' edits aside. */
  accepts({ ca, notBefore, notAfter }: Leaf, readySince: number): string | undefined {
    if (this.now >= notAfter) return 'its serving certificate has expired';
    if (this.now < notBefore) return 'its serving certificate is not valid yet';
    if (this.now >= ca.notAfter.getTime()) return 'its CA has expired';
    if (this.now < ca.notBefore.getTime()) return 'its CA is not valid yet';
    const since = Math.max(this.now - LAG, readySince);
    const { versions } = this.bundles;
    // The version at that time, and all later ones.
    const first = versions.findLastIndex(({ from }, index) => index === 0 || from <= since);
    const lacking = versions.find(
      (version, index) =>
        index >= first && !version.isEdit && lacks(version, ca) && !this.#isRepairable(ca, index, readySince),
    );
    return lacking && `CA ${ca.cert} is not in the caBundle "${lacking.value}" of ${this.now - lacking.from} ms ago`;
  }

  /**
   * Whether an outsider has removed a CA, and there was no time to restore it. A replica that knows neither the Secret
   * nor the previous caBundle can only publish its own CA; the others restore theirs at their next poll.
   */
  #isRepairable(ca: CACertificate, index: number, readySince: number): boolean {
    const { versions } = this.bundles;
    const edit = versions[versions.findLastIndex((version, at) => at < index && !lacks(version, ca)) + 1];
    if (!edit?.isEdit) return false;
    const over = versions.find((version, at) => at > index && !lacks(version, ca))?.from ?? this.now;
    // A replica that became ready later may have read the previous version.
    return over - edit.from <= REPAIR_LIMIT + (readySince > edit.from ? LAG : 0);
  }

  /** Returns a violation if a harmful edit by an outsider has lasted too long. */
  overdueEdit(leaves: () => readonly Leaf[]): string | undefined {
    const { isEdit, value, from } = this.bundles.last;
    if (!isEdit || this.now - from <= REPAIR_LIMIT) return undefined;
    const lacking = leaves().find(({ ca }) => lacks({ value }, ca));
    return lacking && `the edit of ${this.now - from} ms ago lacks CA ${lacking.ca.cert}`;
  }
}

function lacks({ value }: Pick<Version<Bundles>, 'value'>, { cert }: CACertificate): boolean {
  return value.some((caBundle) => !caBundle.includes(cert));
}

/** Drops expired CAs and retires those with invalid times, like `readSecretContent`. Everything else in the simulation is well-formed. */
function readCAs(stored: readonly CA[], now: Date): { cas: readonly CA[]; refused: readonly string[] } {
  const refused: string[] = [];
  const cas = stored.flatMap((ca): CA[] => {
    if (ca.notAfter <= now) {
      if ('key' in ca) refused.push('it expired');
      return [];
    }
    if (isBelievable(ca.since, now)) return [ca];
    refused.push('its timestamp is not believable');
    const { key, ...certificate } = ca as SigningCA;
    return [{ ...certificate, state: ca.state === 'distrusted' ? 'distrusted' : 'retired', since: now }];
  });
  return { cas, refused };
}
