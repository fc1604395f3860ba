import { X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { issueCA, issueServingCertificate, type KeyedCertificate } from '../../src/certificates/issue.ts';
import { judgeBundle, judgeServed } from '../../src/doctor/certificates.ts';
import { hoursLater, ISSUED_AT, validFor } from '../support/certificates.ts';

const DAY = 24;
const SELF = { mode: 'self', now: ISSUED_AT } as const;
const EXPIRING = 'See docs/runbooks.md, GatewayNameWebhookCertificateExpiring.';

let ca: KeyedCertificate;
let older: KeyedCertificate;
let serving: X509Certificate;

beforeAll(async () => {
  ca = await issueCA(validFor(365 * DAY));
  older = await issueCA(validFor(100 * DAY));
  serving = new X509Certificate((await issueServingCertificate({ ca, names: ['a'], ...validFor(24) })).cert);
});

describe('judgeBundle()', () => {
  const judge = (caBundle: string, now = ISSUED_AT) => judgeBundle({ entries: ['a', 'b'], caBundle }, { ...SELF, now });

  test('accepts CAs that are valid for long enough', () => {
    expect(judge(ca.cert)).toEqual({
      name: 'ca-bundle',
      status: 'ok',
      message: 'the caBundle of a and b contains one CA, valid for 365 d',
    });
  });

  test.for(['older first', 'older last'])('judges the CA that is valid for longest: %s', (order) => {
    const caBundle = order === 'older first' ? older.cert + ca.cert : ca.cert + older.cert;
    expect(judge(caBundle).message).toBe('the caBundle of a and b contains 2 CAs, valid for 365 d');
  });

  test('warns about CAs that should have been replaced', () => {
    expect(judge(older.cert + ca.cert, hoursLater(300 * DAY))).toEqual({
      name: 'ca-bundle',
      status: 'warning',
      class: 'tls',
      message: 'the caBundle of a and b contains 2 CAs, the last of which expires at 2027-11-22T12:00:00.000Z',
      advice: `The webhook renews it automatically: its log shows why it did not. ${EXPIRING}`,
    });
  });

  test('fails if all CAs have expired', () => {
    expect(judge(ca.cert, hoursLater(366 * DAY))).toMatchObject({
      status: 'failure',
      class: 'tls',
      message: 'the caBundle of a and b contains one CA, which expired at 2027-11-22T12:00:00.000Z',
    });
  });

  test.for([
    ['self', 'No replica has become ready since the configuration was created: read their logs.'],
    ['cert-manager', "cert-manager's cainjector has not injected it: read its log."],
  ] as const)('fails without a CA, and says who should have created it: %s', ([mode, advice]) => {
    expect(judgeBundle({ entries: ['a'], caBundle: '' }, { mode, now: ISSUED_AT })).toEqual({
      name: 'ca-bundle',
      status: 'failure',
      class: 'missing',
      message: 'the caBundle of a is empty: the API server does not trust the webhook',
      advice,
    });
  });

  test('fails if the caBundle is invalid', () => {
    expect(judge('no PEM')).toMatchObject({
      status: 'failure',
      class: 'tls',
      message: 'the caBundle of a and b contains no readable certificate',
    });
  });
});

describe('judgeServed()', () => {
  test('reports the shortest remaining time if all certificates are valid', async () => {
    const short = new X509Certificate((await issueServingCertificate({ ca, names: ['a'], ...validFor(20) })).cert);
    const served = [serving, short].map((certificate, index) => ({ pod: `pod-${index}`, certificate, refusals: [] }));
    expect(judgeServed(served, SELF)).toEqual([
      {
        name: 'served',
        status: 'ok',
        message: '2 of 2 ready Pods serve a certificate that every caBundle trusts, valid for 20 h',
      },
    ]);
  });

  test('reports nothing without Pods', () => {
    expect(judgeServed([], SELF)).toEqual([]);
  });

  test('reports each Pod with a problem', () => {
    const refusals = [{ entries: ['b'], caBundle: older.cert, problem: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }];
    expect(
      judgeServed(
        [
          { pod: 'good', certificate: serving, refusals: [] },
          { pod: 'distrusted', certificate: serving, refusals },
          { pod: 'away', problem: 'Cannot reach Pod a/away through the API server: Unexpected server response: 404' },
        ],
        SELF,
      ),
    ).toEqual([
      {
        name: 'served',
        status: 'ok',
        message: '1 of 3 ready Pods serve a certificate that every caBundle trusts, valid for 24 h',
      },
      {
        name: 'served',
        status: 'failure',
        class: 'tls',
        message: 'Pod distrusted serves a certificate that the API server does not trust',
        details: ['caBundle of b: UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
        advice:
          'The replicas repair the caBundle within 15 s. If not, read their logs. ' +
          'See docs/runbooks.md, GatewayNameWebhookCABundleOutOfSync.',
      },
      {
        name: 'served',
        status: 'failure',
        class: 'missing',
        message: 'Cannot reach Pod a/away through the API server: Unexpected server response: 404',
        advice: 'Read the log of Pod away.',
      },
    ]);
  });

  test('does not count a Pod as valid that an empty caBundle refuses, which is reported elsewhere', () => {
    const refusals = [{ entries: ['b'], caBundle: '', problem: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }];
    expect(judgeServed([{ pod: 'a-pod', certificate: serving, refusals }], SELF)).toEqual([]);
  });

  test('advises on the missing permission to reach a Pod', () => {
    const problem = 'Cannot reach Pod a/away through the API server: Unexpected server response: 403';
    expect(judgeServed([{ pod: 'away', problem }], SELF)).toMatchObject([
      { class: 'forbidden', advice: 'This needs permission to get and create pods/portforward.' },
    ]);
  });

  describe('if only the local clock contradicts a certificate,', () => {
    const judge = (caBundle: string, problem: string, certificate = serving) =>
      judgeServed([{ pod: 'a-pod', certificate, refusals: [{ entries: ['a'], caBundle, problem }] }], SELF);
    const untrusted = [{ message: 'Pod a-pod serves a certificate that the API server does not trust' }];

    test.for(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'])("uses the API server's clock: %s", (problem) => {
      expect(judge(older.cert + ca.cert, problem)).toMatchObject([{ status: 'ok' }]);
    });

    test('still does not trust another CA', () => {
      expect(judge(older.cert, 'CERT_HAS_EXPIRED')).toMatchObject(untrusted);
      expect(judge(ca.cert, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE')).toMatchObject(untrusted);
    });

    test("does not trust a CA that is not valid yet at the API server's time", async () => {
      const future = await issueCA(validFor(365 * DAY, hoursLater(2)));
      const { cert } = await issueServingCertificate({ ca: future, names: ['a'], ...validFor(24) });
      expect(judge(future.cert, 'CERT_NOT_YET_VALID', new X509Certificate(cert))).toMatchObject(untrusted);
    });

    test("does not trust a certificate that is not valid yet at the API server's time", async () => {
      const { cert } = await issueServingCertificate({ ca, names: ['a'], ...validFor(24, hoursLater(2)) });
      expect(judge(ca.cert, 'CERT_NOT_YET_VALID', new X509Certificate(cert))).toMatchObject(untrusted);
    });
  });

  test.for([
    [19, [], 'warning', 'expires'],
    [25, [], 'failure', 'expired'],
    // The reason for this refusal is already clear.
    [25, [{ entries: ['a'], caBundle: 'whatever', problem: 'CERT_HAS_EXPIRED' }], 'failure', 'expired'],
  ] as const)('reports that a certificate was not renewed in time: after %d h', ([hours, refusals, status, verb]) => {
    const served = [{ pod: 'a-pod', certificate: serving, refusals }];
    expect(judgeServed(served, { ...SELF, now: hoursLater(hours) })).toEqual([
      {
        name: 'served',
        status,
        class: 'tls',
        message: `Pod a-pod serves a certificate that ${verb} at 2026-11-23T12:00:00.000Z`,
        advice: `The webhook renews it automatically: its log shows why it did not. ${EXPIRING}`,
      },
    ]);
  });
});
