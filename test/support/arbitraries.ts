import fc from 'fast-check';
import { GATEWAY_LABELS, OPT_OUT_LABEL, REVERSE } from '../../src/admission/gateway.ts';

type Labels = Record<string, string>;

const text = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/),
  fc.constantFrom('', '-', 'a'.repeat(63), 'a'.repeat(64), 'eg\n', 'grüße', '__proto__'),
  fc.string(),
);
const otherKey = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString'));
/** Usually one of two values, so that the two labels are often equal. */
const gatewayName = fc.oneof({ weight: 2, arbitrary: fc.constantFrom('eg', 'shop') }, text);

/** This entry, but rarely: if too many objects were excluded, the rest of the rule would not be tested. */
function seldom(key: string, value: fc.Arbitrary<string>): fc.Arbitrary<Labels> {
  const entry = value.map((present) => ({ [key]: present }));
  return fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: entry });
}

/** Label maps with all combinations of the keys that the rule reads, and others. */
const labels: fc.Arbitrary<Labels> = fc
  .tuple(
    fc.dictionary(otherKey, text, { maxKeys: 4 }),
    fc.record({ [GATEWAY_LABELS.standard]: gatewayName, [GATEWAY_LABELS.owner]: gatewayName }, { requiredKeys: [] }),
    seldom(OPT_OUT_LABEL, text),
    fc.constantFrom({}, { 'app.kubernetes.io/managed-by': 'envoy-gateway' }),
  )
  // Parsed from JSON, like real requests, so that `__proto__` is an ordinary key.
  .map((parts) =>
    JSON.parse(
      `{${parts
        .map((part) => JSON.stringify(part).slice(1, -1))
        .filter(Boolean)
        .join()}}`,
    ),
  );

const metadata = fc
  .tuple(
    fc.record({ name: fc.string(), labels }, { requiredKeys: ['name'] }),
    seldom('deletionTimestamp', fc.constant('2026-11-22T20:43:49Z')),
    seldom('kubernetes.io/config.mirror', text).map((annotations) => ({ annotations })),
  )
  .map(([named, deleted, annotated]) => ({ ...named, ...deleted, ...annotated }));

/** Objects as the API server sends them, with and without labels. A few are mirror Pods, opted out, or being deleted. */
export const objects = fc.record({
  apiVersion: fc.constant('v1'),
  kind: fc.constantFrom('ServiceAccount', 'Pod', 'Service'),
  metadata,
  spec: fc.jsonValue(),
});

export const reverse = fc.constantFrom(...REVERSE);
