import { describe, expect, test } from 'vitest';
import { type CallEvidence, judgeCall, judgeReached, type Reached } from '../../src/doctor/call.ts';
import type { WebhookEntry } from '../../src/installation/configuration.ts';
import type { Installation } from '../../src/installation/installation.ts';
import { chartConfiguration, entryFor } from '../support/chart-configuration.ts';
import { foreignCertificate } from '../support/openssl.ts';

const CREATED =
  'a ServiceAccount with only gateway.envoyproxy.io/owning-gateway-name, created in here by server-side dry run,';
const WITHOUT = `${CREATED} does not get gateway.networking.k8s.io/gateway-name:`;

const CA = foreignCertificate().cert;

const ENTRY = 'standard.label.gateway-name-webhook';
const SECOND = `second.${ENTRY}`;

function entry(change: Partial<WebhookEntry> = {}): WebhookEntry {
  const made = entryFor('standard');
  const caBundle = Buffer.from(CA).toString('base64');
  return { ...made, clientConfig: { ...made.clientConfig, caBundle }, ...change };
}

/** An installation whose webhook configuration has these entries. */
function having(...webhooks: readonly WebhookEntry[]): Installation {
  const value = { ...chartConfiguration(), webhooks };
  return { name: 'a-name', configuration: { value }, policies: { value: [] } };
}

/** An installation without a webhook configuration, or whose configuration is unknown. */
function lacking(known: Partial<Installation> = {}): Installation {
  return { name: 'a-name', configuration: { value: undefined }, policies: { value: [] }, ...known };
}

/** The evidence if no label was added and the reason is unknown. */
const SILENCE: CallEvidence = {
  direction: 'standard',
  installation: having(entry()),
  namespace: 'here',
  trial: { outcome: 'created', added: undefined, ms: 12 },
  namespaceLabels: undefined,
  reached: [],
  counted: undefined,
};

const judge = (known: Partial<CallEvidence>) => judgeCall({ ...SILENCE, ...known });

describe('judgeCall()', () => {
  test('succeeds with both labels', () => {
    expect(judge({ trial: { outcome: 'created', added: 'verify', ms: 1 } })).toEqual({
      name: 'adds-standard',
      status: 'ok',
      message: `${CREATED} gets both labels`,
    });
  });

  test('fails with another value', () => {
    expect(judge({ direction: 'owner', trial: { outcome: 'created', added: 'another', ms: 1 } })).toEqual({
      name: 'adds-owner',
      status: 'failure',
      class: 'wrong-answer',
      message: `a ServiceAccount of Envoy Gateway with only gateway.networking.k8s.io/gateway-name, created in here by server-side dry run, gets gateway.envoyproxy.io/owning-gateway-name=another, which this webhook did not set`,
      advice: 'Another webhook or policy sets it: find and stop it.',
    });
  });

  test.for<readonly [what: string, known: Partial<CallEvidence>, fault: string | undefined, says: string]>([
    [
      'the webhook configuration cannot be read',
      { installation: lacking({ configuration: { problem: { code: 403, message: 'No.' } } }) },
      'forbidden',
      'cause unknown, the webhook configuration cannot be read. No.',
    ],
    [
      'there is no webhook configuration',
      { installation: lacking() },
      'missing',
      `MutatingWebhookConfiguration a-name with entry ${ENTRY} not found`,
    ],
    [
      'there is no webhook configuration, and perhaps a policy',
      { installation: lacking({ policies: { problem: { code: 403, message: 'No.' } } }) },
      'forbidden',
      `MutatingWebhookConfiguration a-name with entry ${ENTRY} not found, and cannot tell whether policies add labels. No.`,
    ],
    [
      'no rule covers the object',
      { installation: having(entry({ rules: [] })) },
      'changed',
      `${ENTRY}: its rules do not cover CREATE of serviceaccounts`,
    ],
    [
      'the caBundle is garbage',
      { installation: having(entry({ clientConfig: { url: 'https://a/mutate', caBundle: btoa('garbage') } })) },
      'tls',
      `the caBundle of ${ENTRY} contains no readable certificate, so the API server trusts no replica`,
    ],
    [
      'there is no caBundle',
      { installation: having(entry({ clientConfig: { url: 'https://a/mutate' } })) },
      'missing',
      `the caBundle of ${ENTRY} is empty, so the API server trusts no replica`,
    ],
    [
      'a proxied review fails',
      { reached: [{ entry: ENTRY, from: 'control-plane', fault: 'refused', text: 'refused' }] },
      'refused',
      `${ENTRY}: a review proxied by the API server failed: refused`,
    ],
    [
      'a proxied review succeeds, but one sent from here fails',
      {
        reached: [
          { entry: ENTRY, from: 'control-plane', text: '' },
          { entry: ENTRY, from: 'here', fault: 'tls', text: 'x509' },
        ],
      },
      'tls',
      `${ENTRY}: a review sent from here failed: x509`,
    ],
    [
      'a proxied review of one of two attempts fails',
      {
        installation: having(entry(), entry({ name: SECOND })),
        reached: [
          { entry: ENTRY, from: 'control-plane', text: '' },
          { entry: SECOND, from: 'control-plane', fault: 'refused', text: 'refused' },
        ],
      },
      'refused',
      `${SECOND}: a review proxied by the API server failed: refused`,
    ],
    [
      'the API server waited, according to its metrics for this webhook',
      { trial: { outcome: 'created', added: undefined, ms: 2004 }, counted: { '503': 1 } },
      'timeout',
      'the API server waited 2.0 s for an answer',
    ],
    [
      'another webhook is slow, and this one is not called',
      { trial: { outcome: 'created', added: undefined, ms: 9000 }, counted: {} },
      undefined,
      'the API server that answered did not call the webhook',
    ],
    [
      'the webhook requires a client certificate',
      { reached: [{ entry: ENTRY, from: 'control-plane', isClosed: true, text: '' }], counted: { '403': 1 } },
      undefined,
      'it only serves clients with a certificate (webhook.clientCA), and the API server may not present one',
    ],
    [
      'the API server waits',
      { trial: { outcome: 'created', added: undefined, ms: 2004 } },
      'timeout',
      'the API server waited 2.0 s for an answer, from this webhook or another one',
    ],
    [
      'the API server waits, but other clients get answers',
      {
        trial: { outcome: 'created', added: undefined, ms: 2004 },
        reached: [
          { entry: ENTRY, from: 'control-plane', text: '' },
          { entry: ENTRY, from: 'here', text: '' },
        ],
      },
      'timeout',
      'the API server waited 2.0 s for an answer, from this webhook or another one, although a review proxied by the API server and a review sent from here got the right answer',
    ],
    [
      'the API server got an HTTP error',
      { counted: { '404': 1 } },
      'wrong-answer',
      'the API server got HTTP status 404',
    ],
    [
      'the API server has not called it',
      { counted: {} },
      undefined,
      'the API server that answered did not call the webhook',
    ],
    [
      'the API server has not called it, and the namespace may be excluded',
      {
        installation: having(entry({ namespaceSelector: { matchLabels: { a: 'b' } } })),
        counted: {},
      },
      undefined,
      'the API server that answered did not call the webhook; whether it is called depends on its namespaceSelector',
    ],
    [
      'the API server cannot reach it, but clients here can',
      { counted: { '503': 1 }, reached: [{ entry: ENTRY, from: 'here', text: '' }] },
      undefined,
      'the API server fails immediately, although a review sent from here got the right answer',
    ],
    ['unknown', {}, undefined, 'the API server fails immediately'],
    [
      'unknown, because an answer did not help',
      { counted: { '200': 1 } },
      undefined,
      'the API server fails immediately',
    ],
  ])('reports the cause: %s', ([, known, fault, says]) => {
    const { name, status, class: found, message, advice } = judge(known);
    expect([name, status, found, message]).toEqual(['adds-standard', 'failure', fault, `${WITHOUT} ${says}`]);
    expect(advice).toMatch(/[.`]$/);
  });

  test('lists the likely causes of a timeout', () => {
    const { details = [] } = judge({ trial: { outcome: 'created', added: undefined, ms: 2000 } });
    expect(details.join('\n')).toMatch(/firewall.*443 and 10250.*\n.*hostNetwork.*\n.*NetworkPolicy/);
  });

  test.for([
    [{ a: 'b' }, false],
    [{ a: 'c' }, true],
  ] as const)('reports whether the namespace is excluded: %j: %s', ([namespaceLabels, isLeftOut]) => {
    const selecting = entry({ namespaceSelector: { matchLabels: { a: 'b' } } });
    const judgement = judge({ installation: having(selecting), namespaceLabels, counted: {} });
    if (isLeftOut) {
      expect(judgement).toEqual({
        name: 'adds-standard',
        status: 'skipped',
        message: `${WITHOUT} ${ENTRY}: its namespaceSelector excludes here`,
        advice: 'Use -n to choose a namespace that it selects.',
      });
    } else {
      expect(judgement.message).toBe(`${WITHOUT} the API server that answered did not call the webhook`);
    }
  });

  test.for([
    [
      500,
      'Internal error occurred: failed calling webhook "standard.label.gateway-name-webhook": failed to call webhook: connection refused',
      'failure',
      'refused',
    ],
    [
      500,
      'Internal error occurred: failed calling webhook "another.example.com": failed to call webhook: context deadline exceeded',
      'skipped',
      'timeout',
    ],
    [
      500,
      'Internal error occurred: failed calling webhook "second.standard.label.gateway-name-webhook": failed to call webhook: connection refused',
      'failure',
      'refused',
    ],
    [400, 'admission webhook "standard.label.gateway-name-webhook" denied the request: no', 'failure', 'wrong-answer'],
    [400, 'admission webhook "another.example.com" denied the request: no', 'warning', 'wrong-answer'],
    [403, 'serviceaccounts is forbidden', 'warning', 'forbidden'],
    [404, 'namespaces "here" not found', 'warning', 'missing'],
    [undefined, 'connect ECONNREFUSED 127.0.0.1:6443', 'warning', 'refused'],
  ] as const)('classifies a refusal: %s %s: %s, %s', ([code, message, status, fault]) => {
    const judgement = judge({ trial: { outcome: 'refused', problem: { code, message } } });
    expect(judgement).toMatchObject({ name: 'adds-standard', status, class: fault });
    expect(judgement.message.endsWith(message)).toBe(true);
    expect(judgement.advice).toMatch(/\.$/);
  });
});

describe('judgeReached()', () => {
  const right = { entry: ENTRY, from: 'control-plane', text: 'the right answer' } as const;
  const closed = { entry: ENTRY, from: 'control-plane', isClosed: true, text: '' } as const;
  const answers = `the webhook answers correctly (${ENTRY})`;

  test.for<readonly [reached: readonly Reached[], isTrusted: boolean, expected: object]>([
    [[right], true, { status: 'ok', message: answers }],
    [[right, { ...right, from: 'here' }], false, { status: 'ok', message: answers }],
    [
      [right, { ...right, entry: SECOND }],
      true,
      { status: 'ok', message: `the webhook answers correctly (${ENTRY} and ${SECOND})` },
    ],
    [
      [right],
      false,
      { status: 'skipped', message: `${answers}, but it is unknown whether the API server trusts its certificate` },
    ],
    [[], true, { status: 'skipped', message: 'cannot call the webhook from here' }],
    [
      [closed],
      true,
      {
        status: 'skipped',
        message: 'cannot call the webhook from here: it only serves clients with a certificate (webhook.clientCA)',
      },
    ],
    [
      [right, { entry: ENTRY, from: 'here', fault: 'refused', text: 'ECONNREFUSED' }],
      true,
      { status: 'failure', class: 'refused', message: `${ENTRY}: a review sent from here failed: ECONNREFUSED` },
    ],
  ])('judges %o, trusted: %s', ([reached, isTrusted, expected]) => {
    expect(judgeReached('owner', reached, isTrusted)).toMatchObject({ name: 'webhook-adds-owner', ...expected });
  });
});
