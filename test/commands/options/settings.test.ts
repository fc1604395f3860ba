import { describe, expect, test } from 'vitest';
import { parseServeSettings } from '../../../src/commands/options/serve-settings.ts';
import { SERVE_SETTINGS, type SettingTexts } from '../../../src/commands/options/settings.ts';

const DEFAULTS = Object.fromEntries(
  Object.entries(SERVE_SETTINGS).map(([name, { default: text }]) => [name, text]),
) as SettingTexts;

const settings = (texts: Partial<SettingTexts>) => parseServeSettings({ ...DEFAULTS, ...texts });

describe('parseServeSettings()', () => {
  test('parses the defaults', () => {
    expect(settings({})).toEqual({
      settings: {
        listen: { host: '127.0.0.1', port: 8443 },
        metricsListen: { host: '127.0.0.1', port: 8080 },
        certificates: { mode: 'files', directory: 'certs' },
        clientCa: '',
        names: ['localhost', '127.0.0.1', '::1'],
        reverse: 'both',
        logLevel: 'info',
        logFormat: 'auto',
        quietPeriodMs: 5_000,
        gracePeriodMs: 25_000,
      },
    });
  });

  test.for([
    { texts: { listen: '0.0.0.0:0' }, parsed: { listen: { host: '0.0.0.0', port: 0 } } },
    { texts: { listen: '[::]:65535' }, parsed: { listen: { host: '::', port: 65_535 } } },
    { texts: { metricsListen: '[::1]:1' }, parsed: { metricsListen: { host: '::1', port: 1 } } },
    { texts: { listen: ':10250' }, parsed: { listen: { host: '', port: 10_250 } } },
    {
      texts: { certificateMode: 'self', caSecret: 'a/b.c', webhookConfiguration: 'd', certificates: '' },
      parsed: {
        certificates: {
          mode: 'self',
          secret: { namespace: 'a', name: 'b.c' },
          configuration: 'd',
          serviceAccount: '/var/run/secrets/kubernetes.io/serviceaccount',
        },
      },
    },
    {
      texts: { names: ' webhook.a-namespace.svc , 10.0.0.1' },
      parsed: { names: ['webhook.a-namespace.svc', '10.0.0.1'] },
    },
    { texts: { names: `${'a'.repeat(63)}.b` }, parsed: { names: [`${'a'.repeat(63)}.b`] } },
    { texts: { quietPeriod: '0', gracePeriod: '0.5' }, parsed: { quietPeriodMs: 0, gracePeriodMs: 500 } },
    { texts: { gracePeriod: '3600' }, parsed: { gracePeriodMs: 3_600_000 } },
    { texts: { quietPeriod: '5s', gracePeriod: '1h' }, parsed: { quietPeriodMs: 5_000, gracePeriodMs: 3_600_000 } },
    { texts: { clientCa: '/client-ca/ca.crt' }, parsed: { clientCa: '/client-ca/ca.crt' } },
    {
      texts: { reverse: 'managed', logLevel: 'silent', logFormat: 'json' },
      parsed: { reverse: 'managed', logLevel: 'silent', logFormat: 'json' },
    },
  ])('parses $texts', ({ texts, parsed }) => {
    expect(settings(texts)).toMatchObject({ settings: parsed });
  });

  test.for<Partial<SettingTexts>>([
    { listen: '' },
    { listen: '8443' },
    { listen: 'localhost:8443' },
    { listen: '127.0.0.1' },
    { listen: '127.0.0.1:' },
    { listen: '127.0.0.1:65536' },
    { listen: '127.0.0.1:-1' },
    { listen: '127.0.0.256:1' },
    { listen: '::1:8443' },
    { listen: '[127.0.0.1]:8443' },
    { listen: ' 127.0.0.1:8443' },
    { metricsListen: '127.0.0.1:8080/metrics' },
    { certificates: '' },
    { names: '' },
    { names: 'localhost,' },
    { names: 'Local Host' },
    { names: 'a_b' },
    { names: '-a' },
    { names: 'a..b' },
    { names: 'a'.repeat(64) },
    { names: `${'a.'.repeat(127)}a` },
    { reverse: 'none' },
    { logLevel: 'verbose' },
    { logFormat: 'text' },
    { quietPeriod: '-1' },
    { quietPeriod: '5d' },
    { quietPeriod: '' },
    { gracePeriod: '3601' },
    { gracePeriod: '1h1ms' },
    { gracePeriod: '1e3' },
  ])('refuses %o', (texts) => {
    const [[name, text] = ['', '']] = Object.entries(texts);
    const { flags, env } = SERVE_SETTINGS[name as keyof SettingTexts];
    const problem = `${flags.split(' ')[0]} (${env}) is "${text}", expected `;
    expect(settings(texts)).toEqual({ problems: [expect.stringContaining(problem)] });
  });

  test.for<Partial<SettingTexts>>([
    { caSecret: 'ca' },
    { caSecret: 'a/b/c' },
    { caSecret: '/ca' },
    { caSecret: 'a/' },
    { webhookConfiguration: 'A' },
    { webhookConfiguration: '' },
    { serviceAccount: '' },
  ])('refuses %o in certificate mode self', (texts) => {
    const problems = [
      expect.stringMatching(/^--(ca-secret|webhook-configuration|service-account) \(.+\) is ".*", expected /),
    ];
    expect(settings({ certificateMode: 'self', ...texts })).toEqual({ problems });
    expect(settings(texts)).not.toHaveProperty('problems');
  });

  test('reports all invalid settings with their expected values', () => {
    expect(settings({ listen: 'here', reverse: 'sometimes', gracePeriod: 'long' })).toEqual({
      problems: [
        '--listen (GATEWAY_NAME_WEBHOOK_LISTEN) is "here", expected an IP address and a port, such as 0.0.0.0:8443, [::]:8443 or :8443',
        '--reverse (GATEWAY_NAME_WEBHOOK_REVERSE) is "sometimes", expected one of both, managed, off',
        '--grace-period (GATEWAY_NAME_WEBHOOK_GRACE_PERIOD) is "long", expected a duration such as 25s, at most 1h',
      ],
    });
  });
});
