import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from '@prometheus-io/client';
import type { Admission } from '../admission/route.ts';
import type { RejectionCause } from './rejection.ts';

/** What the parts of the server report, and the registry it is read from. */
export interface Metrics {
  readonly registry: Registry;
  readonly onAdmission: (admission: Admission) => void;
  readonly onRejection: (cause: RejectionCause) => void;
  readonly onCertificate: (expiry: { readonly notAfter: Date; readonly caNotAfter: Date | undefined }) => void;
  readonly onCertificateRefused: () => void;
  readonly onEviction: (port: Port) => void;
  /** Counts the connections of a port whenever metrics are read. */
  readonly watchConnections: (port: Port, count: () => number) => void;
  readonly trust: TrustMetrics;
}

/** As the chart names them. */
type Port = 'https' | 'metrics';

/** What the part that keeps the caBundle reports. */
interface TrustMetrics {
  readonly onCABundle: (isInSync: boolean) => void;
  readonly onCABundleWritten: () => void;
  readonly onClock: (aheadMs: number) => void;
  readonly onError: () => void;
}

export interface MetricsOptions {
  readonly version: string;
  /** Says why this process should get no admission requests now; undefined when it is ready. */
  readonly notReadyReason: () => Promise<string | undefined>;
}

/** From 100 µs, the fastest answer, to 2.5 s, when the API server has given up (timeoutSeconds: 2). */
const DURATION_BUCKETS_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5,
];

/** Any client that reaches the port can send any kind and operation; only these become label values, others are `other`. */
const KINDS = new Set(['ServiceAccount', 'Pod', 'Service']);
const OPERATIONS = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']);

/** Builds the metrics of one webhook process, in a registry of their own. */
export function buildMetrics({ version, notReadyReason }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const decisions = new Counter({
    name: 'gateway_name_webhook_decisions_total',
    help: 'Number of admission requests answered, by reason.',
    labelNames: ['reason', 'kind', 'operation', 'dry_run'],
    registers,
  });
  const duration = new Histogram({
    name: 'gateway_name_webhook_admission_duration_seconds',
    help: 'Time from receiving the headers of an admission request to the decision, including reading the body.',
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });
  const rejected = new Counter({
    name: 'gateway_name_webhook_rejected_requests_total',
    help: 'Number of requests and connections that got no admission response, by cause.',
    labelNames: ['cause'],
    registers,
  });
  const connectionCounts = new Map<Port, () => number>();
  new Gauge({
    name: 'gateway_name_webhook_connections',
    help: 'Number of open connections, by port.',
    labelNames: ['port'],
    registers,
    collect() {
      for (const [port, count] of connectionCounts) this.set({ port }, count());
    },
  });
  const evicted = new Counter({
    name: 'gateway_name_webhook_connections_evicted_total',
    help: 'Number of connections closed to make room for others, by port.',
    labelNames: ['port'],
    registers,
  });
  const notAfter = new Gauge({
    name: 'gateway_name_webhook_certificate_not_after_timestamp_seconds',
    help: 'Expiration time of the certificate in use, in seconds since the Unix epoch.',
    labelNames: ['certificate'],
    registers,
  });
  const certificatesRefused = new Counter({
    name: 'gateway_name_webhook_certificates_refused_total',
    help: 'Number of times that certificates in the directory or the Secret were refused and the ones in use kept.',
    registers,
  });
  const caBundleInSync = new Gauge({
    name: 'gateway_name_webhook_ca_bundle_in_sync',
    help: 'Whether the caBundle of the webhook configuration was correct when last read: 1 or 0. Only in certificate mode self.',
    registers: [],
  });
  const caBundleWrites = new Counter({
    name: 'gateway_name_webhook_ca_bundle_writes_total',
    help: 'Number of times that this process wrote the caBundle, to rotate CAs or to repair it.',
    registers,
  });
  const clockAhead = new Gauge({
    name: 'gateway_name_webhook_clock_ahead_seconds',
    help: 'How far the clock was ahead of the API server when last compared; negative if behind. Only in certificate mode self.',
    registers: [],
  });
  const apiServerErrors = new Counter({
    name: 'gateway_name_webhook_api_server_errors_total',
    help: 'Number of API server requests for maintaining certificates that failed or were refused.',
    registers,
  });
  new Gauge({
    name: 'gateway_name_webhook_ready',
    help: 'Whether this process is ready for admission requests: 1 or 0.',
    registers,
    async collect() {
      this.set((await notReadyReason()) === undefined ? 1 : 0);
    },
  });
  new Gauge({
    name: 'gateway_name_webhook_build_info',
    help: 'Always 1. The labels are the version and the Node.js version.',
    labelNames: ['version', 'node_version'],
    registers,
  }).set({ version, node_version: process.version }, 1);

  return {
    registry,
    onAdmission({ reason, kind, operation, dryRun, seconds }) {
      decisions.inc({
        reason,
        kind: KINDS.has(kind) ? kind : 'other',
        operation: OPERATIONS.has(operation) ? operation : 'other',
        dry_run: String(dryRun),
      });
      duration.observe(seconds);
    },
    onRejection: (cause) => rejected.inc({ cause }),
    onCertificate: (expiry) => {
      notAfter.set({ certificate: 'serving' }, expiry.notAfter.getTime() / 1000);
      if (expiry.caNotAfter) notAfter.set({ certificate: 'ca' }, expiry.caNotAfter.getTime() / 1000);
    },
    onCertificateRefused: () => certificatesRefused.inc(),
    onEviction: (port) => evicted.inc({ port }),
    watchConnections: (port, count) => connectionCounts.set(port, count),
    trust: {
      onCABundle: (isInSync) => {
        // Registered on first use: in the other modes, a 0 would mean that the caBundle is wrong.
        registry.registerMetric(caBundleInSync);
        caBundleInSync.set(isInSync ? 1 : 0);
      },
      onCABundleWritten: () => caBundleWrites.inc(),
      onClock: (aheadMs) => {
        registry.registerMetric(clockAhead);
        clockAhead.set(aheadMs / 1000);
      },
      onError: () => apiServerErrors.inc(),
    },
  };
}
