import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { NOTABLE_REASONS, type Reason, type Reverse } from './gateway.ts';
import { mutate } from './mutate.ts';
import { type AdmissionRequest, AdmissionReviewRequest, isAdmissionReview, reviewOf, reviewProblem } from './review.ts';

/** One answered admission request, as metrics count it. */
export interface Admission {
  readonly reason: Reason;
  /** `Pod`, say: of the request, empty where it names none. */
  readonly kind: string;
  /** `CREATE`, say: of the request, empty where it names none. */
  readonly operation: string;
  readonly dryRun: boolean;
  /** From the request's first byte to the decision. */
  readonly seconds: number;
}

export interface AdmissionRouteOptions {
  readonly reverse: Reverse;
  readonly onAdmission: (admission: Admission) => void;
  /** Whether a notable decision with this reason gets a line: false when there are too many. */
  readonly isLogged: (reason: Reason) => boolean;
}

/** `POST /mutate`: takes an AdmissionReview, answers it, writes one line. */
export const admissionRoute: FastifyPluginAsyncTypebox<AdmissionRouteOptions> = async (
  app,
  { reverse, onAdmission, isLogged },
) => {
  app.route({
    method: 'POST',
    url: '/mutate',
    schema: { body: AdmissionReviewRequest },
    // TypeBox's own check of the schema: it only looks, and it speaks of AdmissionReviews.
    validatorCompiler: () => (value) => isAdmissionReview(value) || { error: new Error(reviewProblem(value)) },
    handler: async (request, reply) => {
      const review = request.body.request;
      // The parsed body is megabytes at times: nothing may keep it while the answer is on its way.
      request.body = undefined as never;

      const response = mutate(review, reverse);
      const { reason } = response.auditAnnotations;
      // Whoever asks for debug lines wants all of them.
      const line = { ...identity(review), reason };
      if (!NOTABLE_REASONS.has(reason)) request.log.debug(line, 'decided');
      else if (isLogged(reason)) request.log.info(line, 'decided');
      onAdmission({
        reason,
        kind: review.kind?.kind ?? '',
        operation: review.operation ?? '',
        dryRun: review.dryRun === true,
        seconds: reply.elapsedTime / 1000,
      });
      return reviewOf(response);
    },
  });
};

/** What names the object of a request in a log line. A Pod of a ReplicaSet has no name yet, only a `generateName`. */
function identity({ uid, kind, namespace, name, object }: AdmissionRequest) {
  const ownName = name || object?.metadata?.name;
  return {
    uid: shortened(uid),
    kind: shortened(kind?.kind),
    namespace: shortened(namespace),
    name: shortened(ownName),
    generateName: ownName ? undefined : shortened(object?.metadata?.generateName),
  };
}

function shortened(text: string | undefined): string | undefined {
  return text?.slice(0, LONGEST_NAME);
}

/** A name has at most 253 characters (RFC 1123 subdomain), but admission comes before validation. */
const LONGEST_NAME = 253;
