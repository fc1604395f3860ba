import type { X509Certificate } from 'node:crypto';
import type { CABundle } from './ca-bundle.ts';

/** What a ready Pod serves, and which caBundles do not accept it; or why that is not known. */
export type Served = { readonly pod: string } & (
  | { readonly certificate: X509Certificate; readonly refusals: readonly Refusal[] }
  | { readonly problem: string }
);

export interface Refusal extends CABundle {
  /** The TLS client's error. */
  readonly problem: string;
}
