export interface ReadinessOptions {
  readonly isDraining: () => boolean;
  /** Says why there is no certificate to serve; undefined when there is one. */
  readonly certificateProblem: () => string | undefined;
  /** Until when the certificate that is served is accepted. */
  readonly servableUntil: () => Date;
  /** Says why a client does not accept the certificate that is served; undefined when it does. */
  readonly handshakeProblem: () => Promise<string | undefined>;
  /** Called when the answer changes, and for the first one. */
  readonly onChange: (reason: string | undefined) => void;
  readonly now: () => Date;
}

/**
 * Reports whether this process should receive admission requests: a client that trusts exactly the registered CAs has accepted
 * its certificate. This is checked until it has succeeded once; after that, only draining or an expired certificate counts,
 * so that an edit of a caBundle never empties the endpoints.
 */
export class Readiness {
  readonly #options: ReadinessOptions;
  #accepted = false;
  #last: { readonly reason: string | undefined } | undefined;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** Says why this process is not ready; undefined when it is. */
  async reason(): Promise<string | undefined> {
    const reason = await this.#ask();
    if (this.#last?.reason !== reason || !this.#last) this.#options.onChange(reason);
    this.#last = { reason };
    return reason;
  }

  async #ask(): Promise<string | undefined> {
    const { isDraining, certificateProblem, servableUntil, handshakeProblem, now } = this.#options;
    if (isDraining()) return 'draining';
    const missing = certificateProblem();
    if (missing !== undefined) return missing;
    const until = servableUntil();
    if (now() >= until) return `the serving certificate was usable until ${until.toISOString()}`;
    if (this.#accepted) return undefined;

    const problem = await handshakeProblem();
    this.#accepted = problem === undefined;
    return problem && `a test handshake failed: ${problem}`;
  }
}
