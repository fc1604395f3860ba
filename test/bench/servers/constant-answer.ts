/** An answer of the form that an admission review gets, for no review in particular. */
export const CONSTANT_ANSWER = JSON.stringify({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  response: { uid: '', allowed: true },
});
