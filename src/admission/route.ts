import type { FastifyPluginAsync } from 'fastify';
import { NOTABLE_REASONS, type Reason, type Reverse } from './gateway.ts';
import { mutate } from './mutate.ts';
import { type AdmissionRequest, reviewOf } from './review.ts';
import { LONGEST_NAME } from './review-schema.ts';

/** One answered admission request, as metrics count it. */
export interface Admission {
  readonly reason: Reason;
  /** From the request, such as `Pod`; empty if it names none. */
  readonly kind: string;
  /** From the request, such as `CREATE`; empty if it names none. */
  readonly operation: string;
  readonly dryRun: boolean;
  /** From the request's first byte to the decision. */
  readonly seconds: number;
}

export interface AdmissionRouteOptions {
  readonly reverse: Reverse;
  readonly onAdmission: (admission: Admission) => void;
  /** Whether a notable decision with this reason gets a log line: false if there are too many. */
  readonly isLogged: (reason: Reason) => boolean;
}

/** `POST /mutate`: answers an admission request that was read from the body, and writes one log line. */
export const admissionRoute: FastifyPluginAsync<AdmissionRouteOptions> = async (
  app,
  { reverse, onAdmission, isLogged },
) => {
  app.post<{ Body: AdmissionRequest }>('/mutate', async ({ body: request, log }, reply) => {
    const response = mutate(request, reverse);
    const { reason } = response.auditAnnotations;
    // Debug lines are not limited.
    const line = { ...identity(request), reason };
    if (!NOTABLE_REASONS.has(reason)) log.debug(line, 'decided');
    else if (isLogged(reason)) log.info(line, 'decided');
    onAdmission({
      reason,
      kind: request.kind?.kind ?? '',
      operation: request.operation ?? '',
      dryRun: request.dryRun === true,
      seconds: reply.elapsedTime / 1000,
    });
    return reviewOf(response);
  });
};

/** Identifies the object of a request in a log line. A Pod of a ReplicaSet has no name yet, only a `generateName`. */
function identity({ uid, kind, namespace, name, object }: AdmissionRequest) {
  const ownName = name || object?.metadata?.name;
  return {
    uid,
    kind: shortened(kind?.kind),
    namespace: shortened(namespace),
    name: shortened(ownName),
    generateName: ownName ? undefined : shortened(object?.metadata?.generateName),
  };
}

function shortened(text: string | undefined): string | undefined {
  return text?.slice(0, LONGEST_NAME);
}
