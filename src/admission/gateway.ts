/**
 * The label that Gateway API requires on everything generated for a Gateway (GEP-1762).
 */
const STANDARD_LABEL = 'gateway.networking.k8s.io/gateway-name';

/** The label that Envoy Gateway sets on what it generates. */
const OWNER_LABEL = 'gateway.envoyproxy.io/owning-gateway-name';

/** The two labels that name the Gateway an object belongs to. */
export const GATEWAY_LABELS = { standard: STANDARD_LABEL, owner: OWNER_LABEL } as const;

/** Other labels of Envoy Gateway: the Gateway's namespace, and, for a merged fleet, only the GatewayClass. */
export const OWNER_NAMESPACE_LABEL = 'gateway.envoyproxy.io/owning-gateway-namespace';
export const OWNER_CLASS_LABEL = 'gateway.envoyproxy.io/owning-gatewayclass';

/** The kinds of objects that get labels (all of the API group core/v1). */
export const KINDS = ['ServiceAccount', 'Pod', 'Service'] as const;
export type Kind = (typeof KINDS)[number];

/** A label that excludes an object from the rule, whatever its value. */
export const OPT_OUT_LABEL = 'gateway-name-webhook/ignore';

/** The annotation of a mirror Pod, the API server's copy of a static Pod: it belongs to the kubelet and must not change. */
const MIRROR_POD_ANNOTATION = 'kubernetes.io/config.mirror';

/** Envoy Gateway marks what it manages with this label and value. */
export const MANAGED_BY = { label: 'app.kubernetes.io/managed-by', value: 'envoy-gateway' } as const;

/** The labels and annotations that the rule reads; no others matter. */
export const READ_LABELS = [STANDARD_LABEL, OWNER_LABEL, OPT_OUT_LABEL, MANAGED_BY.label] as const;
export const READ_ANNOTATIONS = [MIRROR_POD_ANNOTATION] as const;

/** The reason for a decision: the same string in metrics, logs, audit annotations and command output. */
export const REASONS = [
  'added-standard',
  'added-owner',
  'complete',
  'conflict',
  'no-gateway',
  'invalid-value',
  'not-managed',
  'mirror-pod',
  'opted-out',
  'deleting',
] as const;
export type Reason = (typeof REASONS)[number];

/**
 * Reasons that operators want to see by default: a label is missing, or wrong.
 *
 * All others mean that there is nothing to do.
 */
export const NOTABLE_REASONS: ReadonlySet<Reason> = new Set([
  'added-standard',
  'added-owner',
  'conflict',
  'invalid-value',
]);

/**
 * Which objects with only the standard label get the owner label: all, those that Envoy Gateway manages, or none.
 *
 * Other implementations set the standard label on objects of their own.
 */
export const REVERSE = ['both', 'managed', 'off'] as const;
export type Reverse = (typeof REVERSE)[number];

/** What the rule reads of an object's metadata (ObjectMeta of the Kubernetes API). */
export interface ObjectMeta {
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly deletionTimestamp?: string | null;
}

export interface Label {
  readonly key: string;
  readonly value: string;
}

/** A reason, and the label to add: present exactly when the reason is `added-standard` or `added-owner`. */
export type Decision =
  | { readonly reason: 'added-standard' | 'added-owner'; readonly add: Label }
  | { readonly reason: Exclude<Reason, 'added-standard' | 'added-owner'>; readonly add?: never };

/** Decides which of the two gateway-name labels an object is missing, and whether to add it. */
export function decide(metadata: ObjectMeta, reverse: Reverse): Decision {
  if (metadata.deletionTimestamp) return { reason: 'deleting' };
  if (own(metadata.annotations, MIRROR_POD_ANNOTATION) !== undefined) return { reason: 'mirror-pod' };
  if (own(metadata.labels, OPT_OUT_LABEL) !== undefined) return { reason: 'opted-out' };

  const standard = own(metadata.labels, STANDARD_LABEL);
  const owner = own(metadata.labels, OWNER_LABEL);
  if (standard !== undefined && owner !== undefined) return { reason: standard === owner ? 'complete' : 'conflict' };

  const value = standard ?? owner;
  if (value === undefined) return { reason: 'no-gateway' };
  if (!isLabelValue(value)) return { reason: 'invalid-value' };
  if (standard === undefined) return { reason: 'added-standard', add: { key: STANDARD_LABEL, value } };
  if (!isReversible(metadata, reverse)) return { reason: 'not-managed' };
  return { reason: 'added-owner', add: { key: OWNER_LABEL, value } };
}

function isReversible(metadata: ObjectMeta, reverse: Reverse): boolean {
  if (reverse === 'managed') return own(metadata.labels, MANAGED_BY.label) === MANAGED_BY.value;
  return reverse === 'both';
}

/** Kubernetes' rule for label values (`IsValidLabelValue`), except for the empty value: it names no Gateway. */
function isLabelValue(value: string): boolean {
  return value.length <= 63 && /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/.test(value);
}

/** Reads a key of a map that came from JSON: only own properties, never those of Object's prototype. */
function own(map: Readonly<Record<string, string>> | null | undefined, key: string): string | undefined {
  return map && Object.hasOwn(map, key) ? map[key] : undefined;
}
