import type { Logger } from 'pino';
import { keepCertificates } from '../../certificates/keep.ts';
import type { ServingCertificate } from '../../certificates/plan.ts';
import type { Timing } from '../../certificates/timing.ts';
import type { Metrics } from '../../server/metrics.ts';
import type { Context } from '../context.ts';
import type { SelfSettings, ServeSettings } from '../options/serve-settings.ts';

/** The source of the serving certificate, and of the CAs that clients trust. */
export interface CertificateSource {
  /** The serving certificate; or, if there is none yet, a sentence that says what it is waiting for. */
  readonly serving: () => ServingCertificate | string;
  /** The time until which every client accepts it. */
  readonly servableUntil: () => Date;
  /** The CA bundles that clients have, as PEM: each of them must verify the certificate. A sentence if they are unknown. */
  readonly trusted: () => readonly string[] | string;
  /** Call it once signals are handled; it resolves when everything that can be done now is done. */
  readonly start: () => Promise<void>;
  /** Stops issuing, reading and writing. */
  readonly stop: () => void;
}

interface SourceOptions {
  readonly names: ServeSettings['names'];
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Called for each certificate that replaces the one in use. */
  readonly onServing: (serving: ServingCertificate) => void;
}

/** Certificates from a directory: available before the server listens, or an error. */
export async function fromDirectory(directory: string, options: SourceOptions): Promise<CertificateSource> {
  const { names, logger, metrics, onServing } = options;
  const keeper = await keepCertificates({
    directory,
    names,
    logger,
    onReplaced: onServing,
    onRefused: metrics.onCertificateRefused,
  });
  return {
    serving: keeper.serving,
    servableUntil: () => keeper.serving().notAfter,
    trusted: () => {
      const { ca } = keeper.serving();
      return ca === undefined ? 'there is no ca.crt to verify the serving certificate with' : [ca];
    },
    start: async () => {},
    stop: keeper.stop,
  };
}

/**
 * Certificates that this process issues for itself, from a CA that all replicas share through a Secret. At first there is none:
 * it has to wait for the API server.
 */
export function fromCluster(
  { secret, configuration, serviceAccount }: SelfSettings,
  environment: Context['environment'],
  timing: Timing,
  options: SourceOptions,
): CertificateSource {
  const { names, logger, metrics, onServing } = options;
  let rotator: import('../../certificates/rotator.ts').Rotator | undefined;
  let stopped = false;
  return {
    serving: () => rotator?.serving ?? rotator?.problem ?? 'starting',
    servableUntil: () => rotator?.servableUntil ?? new Date(0),
    // Without a configuration there is no client that could accept the certificate.
    trusted: () => (rotator?.caBundles.length ? rotator.caBundles : 'there is no caBundle'),
    start: async () => {
      const [{ Rotator }, { kubernetesTrustStore }, client] = await Promise.all([
        import('../../certificates/rotator.ts'),
        import('../../kubernetes/kubernetes-trust-store.ts'),
        import('../../kubernetes/own-cluster.ts').then((cluster) =>
          cluster.openOwnCluster(environment, serviceAccount),
        ),
      ]);
      if (stopped) return;
      rotator = new Rotator({
        store: kubernetesTrustStore({ client, secret, configuration }),
        names,
        logger,
        timing,
        events: {
          ...metrics.trust,
          onRefused: metrics.onCertificateRefused,
          onServing,
        },
      });
      await rotator.start();
    },
    stop: () => {
      stopped = true;
      rotator?.stop();
    },
  };
}
