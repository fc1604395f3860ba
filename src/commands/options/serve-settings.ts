import { isIP } from 'node:net';
import { REVERSE, type Reverse } from '../../admission/gateway.ts';
import type { Address } from '../../server/listen.ts';
import { parseDuration } from './duration.ts';
import { isName, parseNamespacedName, parseObjectName } from './names.ts';
import { CERTIFICATE_MODES, LOG_FORMATS, LOG_LEVELS, SERVE_SETTINGS, type SettingTexts } from './settings.ts';

/** What `serve` runs with. */
export interface ServeSettings {
  readonly listen: Address;
  readonly metricsListen: Address;
  readonly certificates: DirectorySettings | SelfSettings;
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
interface DirectorySettings {
  readonly mode: 'files';
  readonly directory: string;
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
        : { mode, directory: read('certificates', (text) => text || undefined, 'a directory') },
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
