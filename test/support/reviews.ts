import { readdirSync, readFileSync } from 'node:fs';
import type { AdmissionReviewRequest } from '../../src/admission/review.ts';

const DIRECTORY = new URL('../fixtures/reviews/', import.meta.url);

/** The reviews recorded from a real API server, by file name. */
export const RECORDED_REVIEWS = readdirSync(DIRECTORY).filter((file) => file.endsWith('.json'));

export function recordedPath(file: string): string {
  return new URL(file, DIRECTORY).pathname;
}

export function recorded(file: string): AdmissionReviewRequest {
  return JSON.parse(readFileSync(new URL(file, DIRECTORY), 'utf8'));
}

/** The rule's decision for each recorded review. */
export const RECORDED_REASONS: Readonly<Record<string, string>> = {
  'envoy-pod-63-characters.json': 'added-standard',
  'envoy-pod-generate-name.json': 'added-standard',
  'envoy-service-63-characters.json': 'added-standard',
  'envoy-service-update.json': 'added-standard',
  'envoy-service.json': 'added-standard',
  'envoy-serviceaccount-63-characters.json': 'added-standard',
  'envoy-serviceaccount-by-server-side-apply.json': 'added-standard',
  'envoy-serviceaccount-update.json': 'added-standard',
  'envoy-serviceaccount.json': 'added-standard',
  'merged-pod.json': 'no-gateway',
  'merged-service.json': 'no-gateway',
  'merged-serviceaccount.json': 'no-gateway',
  'plain-pod.json': 'no-gateway',
  'plain-serviceaccount-dry-run.json': 'no-gateway',
  'plain-serviceaccount.json': 'no-gateway',
};
