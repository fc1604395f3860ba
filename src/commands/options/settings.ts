import { isIP } from 'node:net';
import { REVERSE, type Reverse } from '../../admission/gateway.ts';
import type { Address } from '../../server/listen.ts';
import { parseDuration } from './duration.ts';
import { isName, parseNamespacedName, parseObjectName } from './names.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
const CERTIFICATE_MODES = ['files', 'self'] as const;
const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

/** What `serve` runs with. */
export interface ServeSettings {
  readonly listen: Address;
  readonly metricsListen: Address;
  readonly certificates: FolderSettings | SelfSettings;
  /** File of the CAs whose clients are served; empty for every client. */
  readonly clientCa: string;
  /** The API server calls the first; the serving certificate is valid for all. */
  readonly names: readonly [string, ...string[]];
  readonly reverse: Reverse;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly logFormat: (typeof LOG_FORMATS)[number];
  readonly quietPeriodMs: number;
  readonly gracePeriodMs: number;
}

/** Certificates from a directory. */
interface FolderSettings {
  readonly mode: 'files';
  readonly folder: string;
}

/** Certificates that each replica issues for itself, from CAs in a Secret. */
export interface SelfSettings {
  readonly mode: 'self';
  readonly secret: { readonly namespace: string; readonly name: string };
  /** Name of the MutatingWebhookConfiguration. */
  readonly configuration: string;
  /** Directory of the token and the CA by which a Pod talks to the API server. */
  readonly serviceAccount: string;
}

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

/** The settings, or one sentence for each that is wrong. */
export type ParsedSettings = { readonly settings: ServeSettings } | { readonly problems: readonly string[] };

/** Parses the settings of `serve` and names every wrong one, not only the first. */
export function parseServeSettings(texts: SettingTexts): ParsedSettings {
  const problems: string[] = [];
  const read = <T>(name: keyof typeof SERVE_SETTINGS, parse: (text: string) => T | undefined, expected: string): T => {
    const value = parse(texts[name]);
    const { flags, env } = SERVE_SETTINGS[name];
    if (value === undefined) problems.push(`${flags.split(' ')[0]} (${env}) is "${texts[name]}", expected ${expected}`);
    return value as T;
  };

  const mode = read('certificateMode', oneOf(CERTIFICATE_MODES), `one of ${CERTIFICATE_MODES.join(', ')}`);
  const settings: ServeSettings = {
    listen: read('listen', parseAddress, 'an IP address and a port, such as 0.0.0.0:8443, [::]:8443 or :8443'),
    metricsListen: read(
      'metricsListen',
      parseAddress,
      'an IP address and a port, such as 0.0.0.0:8080, [::]:8080 or :8080',
    ),
    certificates:
      mode === 'self'
        ? {
            mode,
            secret: read('caSecret', parseNamespacedName, 'a namespace and a name, such as default/ca'),
            configuration: read('webhookConfiguration', parseObjectName, 'an object name'),
            serviceAccount: read('serviceAccount', (text) => text || undefined, 'a directory'),
          }
        : { mode, folder: read('certificates', (text) => text || undefined, 'a directory') },
    clientCa: texts.clientCa,
    names: read('names', parseNames, 'DNS names and IP addresses separated by commas'),
    reverse: read('reverse', oneOf(REVERSE), `one of ${REVERSE.join(', ')}`),
    logLevel: read('logLevel', oneOf(LOG_LEVELS), `one of ${LOG_LEVELS.join(', ')}`),
    logFormat: read('logFormat', oneOf(LOG_FORMATS), `one of ${LOG_FORMATS.join(', ')}`),
    quietPeriodMs: read('quietPeriod', parsePeriod, 'a duration such as 5s, at most 1h'),
    gracePeriodMs: read('gracePeriod', parsePeriod, 'a duration such as 25s, at most 1h'),
  };
  return problems.length > 0 ? { problems } : { settings };
}

function oneOf<T extends string>(choices: readonly T[]) {
  return (text: string): T | undefined => choices.find((choice) => choice === text);
}

/** A port, preceded by an IP address (IPv6 in brackets: RFC 3986, section 3.2.2) or by nothing. */
function parseAddress(text: string): Address | undefined {
  const [, ipv6 = '', ipv4 = '', digits] = /^(?:\[(.+)\]|([\d.]+))?:(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const isAddress = (ipv6 === '' || isIP(ipv6) === 6) && (ipv4 === '' || isIP(ipv4) === 4);
  return isAddress && port <= 65_535 ? { host: ipv6 + ipv4, port } : undefined;
}

function parseNames(text: string): [string, ...string[]] | undefined {
  const [first, ...rest] = text.split(',').map((name) => name.trim());
  if (first === undefined || ![first, ...rest].every(isName)) return undefined;
  return [first, ...rest];
}

/** An hour is longer than any Pod needs to terminate. */
function parsePeriod(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms !== undefined && ms <= 3_600_000 ? ms : undefined;
}
