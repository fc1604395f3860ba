import fc from 'fast-check';
import { KINDS, type Kind, OPT_OUT, OWNER, STANDARD } from '../cluster/objects.ts';

/** The annotation of a mirror Pod, which represents a static Pod in the API server. */
export const MIRROR_POD = 'kubernetes.io/config.mirror';

/** Labels or annotations that a client may send. The API server does not accept all of them. */
export type AnyMap = Readonly<Record<string, string | null>> | null | undefined;

/** The parts of a client's object that the rule reads. */
export interface AnyObject {
  readonly kind: Kind;
  /** Whether the API server must generate the name. */
  readonly unnamed: boolean;
  readonly labels: AnyMap;
  readonly annotations: AnyMap;
}

/** Values on both sides of every limit of validity, and arbitrary ones. */
const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('eg', 'shop', 'Eg', '0', 'a.b_c-d') },
  fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/),
  fc.constantFrom('a'.repeat(62), 'a'.repeat(63), 'a'.repeat(64), `${'a'.repeat(62)}-`, `-${'a'.repeat(62)}`, '-', '.'),
  fc.constantFrom('', ' ', 'eg ', 'eg\n', '\neg', 'e\u0000g', "e'g", 'e"g', 'e\\g', 'e/g'),
  fc.constantFrom('grüße', 'é'.repeat(32), '😀'),
  fc.string({ maxLength: 70 }),
);
const value = fc.oneof({ weight: 9, arbitrary: text }, fc.constant(null));
const managedBy = fc.constantFrom('envoy-gateway', 'Envoy-Gateway', 'istio', '');

/** An entry that is absent `absent` times as often as it is present. */
function entry<T>(key: string, arbitrary: fc.Arbitrary<T>, absent: number): fc.Arbitrary<Record<string, T>> {
  return fc.oneof(
    { weight: absent, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: arbitrary.map((present) => ({ [key]: present })) },
  );
}

function mapOf(...entries: readonly fc.Arbitrary<object>[]): fc.Arbitrary<AnyMap> {
  const map = fc.tuple(...entries).map((parts) => Object.assign({}, ...parts) as AnyMap);
  return fc.oneof({ weight: 12, arbitrary: map }, fc.constantFrom(null, undefined));
}

export const anyLabels = mapOf(
  entry(STANDARD, value, 1),
  entry(OWNER, value, 1),
  entry(OPT_OUT, text, 9),
  entry('app.kubernetes.io/managed-by', managedBy, 1),
  entry('team', text, 4),
);

const anyAnnotations = mapOf(entry(MIRROR_POD, fc.string({ maxLength: 9 }), 9), entry('note', fc.string(), 3));

export const anyObject: fc.Arbitrary<AnyObject> = fc.record({
  kind: fc.constantFrom(...KINDS),
  unnamed: fc.boolean(),
  labels: anyLabels,
  annotations: anyAnnotations,
});
