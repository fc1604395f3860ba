import { mutate } from '../../../src/admission/mutate.ts';
import { type AdmissionReviewRequest, reviewOf } from '../../../src/admission/review.ts';
import { serveYardstick } from './yardstick.ts';

// The least that answers as the webhook does: no check of the body, no limit, no log, no metrics, no framework.
serveYardstick((body) => {
  const { request } = JSON.parse(Buffer.concat(body).toString()) as AdmissionReviewRequest;
  return JSON.stringify(reviewOf(mutate(request, 'both')));
});
