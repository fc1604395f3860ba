/** The alerts of a TLS client that does not accept our certificate (RFC 8446, section 6.2), as OpenSSL names them. */
const DISTRUST = /ALERT_(BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|CERTIFICATE_EXPIRED)$/;

/** An API server tries again with each object: once a minute is enough to be noticed. */
const INTERVAL_MS = 60_000;

/**
 * Tells when to say that clients do not trust our certificate. With `failurePolicy: Ignore` a wrong caBundle loses
 * every label without a word elsewhere; other failed handshakes are port scans and probes.
 */
export class DistrustAlarm {
  #saidAt = Number.NEGATIVE_INFINITY;

  /** True for a failed handshake of that kind, if the last one was long ago. `now` in milliseconds. */
  isDue({ code }: { readonly code?: string }, now: number): boolean {
    if (!DISTRUST.test(String(code)) || now - this.#saidAt < INTERVAL_MS) return false;
    this.#saidAt = now;
    return true;
  }
}
