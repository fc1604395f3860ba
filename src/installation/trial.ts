import { GATEWAY_LABELS, MANAGED_BY } from '../admission/gateway.ts';
import type { Labels } from '../objects/label-selector.ts';
import type { Direction } from './direction.ts';
import type { Problem } from './outcome.ts';

/** The Gateway that a trial's object names; it does not exist. */
export const TRIAL_GATEWAY = 'verify';

const GENERATE_NAME = 'gateway-name-webhook-verify-';

/** The result of creating a ServiceAccount with one label by dry run. */
export type Trial =
  | {
      readonly outcome: 'created';
      /** The value of the added label; undefined if it is still missing. */
      readonly added: string | undefined;
      readonly ms: number;
    }
  | { readonly outcome: 'refused'; readonly problem: Problem };

export function trialLabels(direction: Direction): Labels {
  const { standard, owner } = GATEWAY_LABELS;
  if (direction === 'standard') return { [owner]: TRIAL_GATEWAY };
  // Marked as managed by Envoy Gateway, so that it also gets the label with `rule.reverse: managed`.
  return { [standard]: TRIAL_GATEWAY, [MANAGED_BY.label]: MANAGED_BY.value };
}

/** A ServiceAccount that is missing one label. */
export function trialObject(direction: Direction) {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { generateName: GENERATE_NAME, labels: trialLabels(direction) },
  };
}

/** The admission review of its creation, as the API server would send it. */
export function trialReview(direction: Direction, namespace: string, uid: string) {
  const kind = { group: '', version: 'v1', kind: 'ServiceAccount' };
  const resource = { group: '', version: 'v1', resource: 'serviceaccounts' };
  const object = trialObject(direction);
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      namespace,
      operation: 'CREATE',
      userInfo: {},
      object: { ...object, metadata: { ...object.metadata, namespace } },
      oldObject: null,
      dryRun: true,
    },
  };
}
