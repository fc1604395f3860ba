import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { DistrustAlarm } from '../../src/server/distrust.ts';
import { startTestServer } from '../support/server.ts';

const UNKNOWN_CA = { code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA' };

describe('DistrustAlarm', () => {
  test('is due once a minute', () => {
    const alarm = new DistrustAlarm();
    expect([0, 1, 59_999, 60_000, 60_001].map((now) => alarm.isDue(UNKNOWN_CA, now))).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  test.for([
    { code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', due: true },
    { code: 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', due: true },
    { code: 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', due: true },
    { code: 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', due: true },
    { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', due: false },
    { code: 'ECONNRESET', due: false },
    { due: false },
  ])('for $code is due: $due', ({ due, ...error }) => {
    expect(new DistrustAlarm().isDue(error, 0)).toBe(due);
  });
});

describe('the server', () => {
  test('warns of clients that do not trust it, once for many', async () => {
    const { port, lines, samples } = await startTestServer();
    // Unlike Node, which only hangs up, OpenSSL says why: as Go does, and with it the API server.
    const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-verify_return_error', '-brief'];
    for (const _call of [1, 2]) await expect(promisify(execFile)('openssl', args)).rejects.toThrow('verify error');
    await expect.poll(() => samples('gateway_name_webhook_rejected_requests_total')).toEqual(['{cause="tls"} 2']);
    const warnings = lines.filter(({ level }) => level === 40);
    expect(warnings).toMatchObject([
      { msg: 'a client does not trust the serving certificate: is its caBundle that of ca.crt?' },
    ]);
  });
});
