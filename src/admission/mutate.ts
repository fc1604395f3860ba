import { type Decision, decide, GATEWAY_LABELS, type Reverse } from './gateway.ts';
import { addLabel } from './patch.ts';
import type { AdmissionRequest, AdmissionResponse } from './review.ts';

/** At most 120 characters: the API server's bound for one warning. */
export const CONFLICT_WARNING = `${GATEWAY_LABELS.standard} and ${GATEWAY_LABELS.owner} disagree`;

/** Answers an admission request. It never denies an object: a missing label is no reason to. */
export function mutate({ uid, object }: AdmissionRequest, reverse: Reverse): AdmissionResponse {
  const decision = decide(object?.metadata ?? {}, reverse);
  return {
    uid,
    allowed: true,
    ...patched(decision),
    auditAnnotations: { reason: decision.reason },
    ...warned(decision),
  };
}

function patched({ add }: Decision): Pick<AdmissionResponse, 'patchType' | 'patch'> {
  if (!add) return {};
  return { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(addLabel(add))).toString('base64') };
}

function warned({ reason }: Decision): Pick<AdmissionResponse, 'warnings'> {
  return reason === 'conflict' ? { warnings: [CONFLICT_WARNING] } : {};
}
