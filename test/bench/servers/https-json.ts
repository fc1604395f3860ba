import { mutate } from '../../../src/admission/mutate.ts';
import { type AdmissionReviewRequest, reviewOf } from '../../../src/admission/review.ts';
import { serveYardstick } from './yardstick.ts';

// The minimum that returns the webhook's answers: no validation, limits, logs, metrics or framework.
serveYardstick((body) => {
  const { request } = JSON.parse(Buffer.concat(body).toString()) as AdmissionReviewRequest;
  return JSON.stringify(reviewOf(mutate(request, 'both')));
});
