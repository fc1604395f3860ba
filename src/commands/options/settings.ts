import { REVERSE } from '../../admission/gateway.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const CERTIFICATE_MODES = ['files', 'self'] as const;
export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

/** A setting as a user writes it: its flag, its environment variable, what it means and its default. */
export interface SettingText {
  readonly flags: string;
  readonly env: string;
  readonly description: string;
  readonly default: string;
}

/** Every setting of `serve`, by the name of its flag in camel case. */
export const SERVE_SETTINGS = {
  listen: {
    flags: '--listen <address:port>',
    env: 'GATEWAY_NAME_WEBHOOK_LISTEN',
    description: 'address to serve admission reviews on, over HTTPS; :port for all addresses',
    default: '127.0.0.1:8443',
  },
  metricsListen: {
    flags: '--metrics-listen <address:port>',
    env: 'GATEWAY_NAME_WEBHOOK_METRICS_LISTEN',
    description: 'address to serve /healthz, /readyz, and /metrics on, over plain HTTP; :port for all addresses',
    default: '127.0.0.1:8080',
  },
  certificateMode: {
    flags: `--certificate-mode <${CERTIFICATE_MODES.join('|')}>`,
    env: 'GATEWAY_NAME_WEBHOOK_CERTIFICATE_MODE',
    description: 'files: read from a directory; self: issued by each replica and registered with the API server',
    default: 'files',
  },
  certificates: {
    flags: '--certificates <directory>',
    env: 'GATEWAY_NAME_WEBHOOK_CERTIFICATES',
    description: 'files: directory of tls.crt, tls.key, and ca.crt; if it is empty, they are created there with ca.key',
    default: 'certs',
  },
  caSecret: {
    flags: '--ca-secret <namespace/name>',
    env: 'GATEWAY_NAME_WEBHOOK_CA_SECRET',
    description: 'self: Secret that holds the CAs',
    default: 'gateway-name-webhook/gateway-name-webhook-ca',
  },
  webhookConfiguration: {
    flags: '--webhook-configuration <name>',
    env: 'GATEWAY_NAME_WEBHOOK_WEBHOOK_CONFIGURATION',
    description: 'self: MutatingWebhookConfiguration whose caBundle to maintain',
    default: 'gateway-name-webhook',
  },
  serviceAccount: {
    flags: '--service-account <directory>',
    env: 'GATEWAY_NAME_WEBHOOK_SERVICE_ACCOUNT',
    description: "self: directory of the Pod's token and ca.crt, if KUBECONFIG is not set",
    default: '/var/run/secrets/kubernetes.io/serviceaccount',
  },
  clientCa: {
    flags: '--client-ca <file>',
    env: 'GATEWAY_NAME_WEBHOOK_CLIENT_CA',
    description: 'PEM file of CAs: only serve clients with a certificate from one of them; empty for all clients',
    default: '',
  },
  names: {
    flags: '--names <list>',
    env: 'GATEWAY_NAME_WEBHOOK_NAMES',
    description:
      'comma-separated DNS names and IP addresses of the serving certificate; the API server calls the first',
    default: 'localhost,127.0.0.1,::1',
  },
  reverse: {
    flags: `--reverse <${REVERSE.join('|')}>`,
    env: 'GATEWAY_NAME_WEBHOOK_REVERSE',
    description: "which objects with only the standard label get Envoy Gateway's: all, those it manages, none",
    default: 'both',
  },
  logLevel: {
    flags: '--log-level <level>',
    env: 'GATEWAY_NAME_WEBHOOK_LOG_LEVEL',
    description: `minimum log level: ${LOG_LEVELS.join(', ')}`,
    default: 'info',
  },
  logFormat: {
    flags: `--log-format <${LOG_FORMATS.join('|')}>`,
    env: 'GATEWAY_NAME_WEBHOOK_LOG_FORMAT',
    description: 'log format; auto is pretty on a terminal, json elsewhere',
    default: 'auto',
  },
  quietPeriod: {
    flags: '--quiet-period <duration>',
    env: 'GATEWAY_NAME_WEBHOOK_QUIET_PERIOD',
    description: 'after SIGTERM, stop once no request has arrived for this long',
    default: '5',
  },
  gracePeriod: {
    flags: '--grace-period <duration>',
    env: 'GATEWAY_NAME_WEBHOOK_GRACE_PERIOD',
    description: 'hard shutdown deadline after SIGTERM; less than terminationGracePeriodSeconds',
    default: '25',
  },
} as const satisfies Record<string, SettingText>;

export type SettingTexts = Readonly<Record<keyof typeof SERVE_SETTINGS, string>>;
