import { describe, expect, test } from 'vitest';
import { type CallEvidence, judgeCall, judgeReached, type Reached } from '../../src/doctor/call.ts';
import type { WebhookEntry } from '../../src/installation/configuration.ts';
import type { Installation } from '../../src/installation/installation.ts';
import { chartConfiguration, entryFor } from '../support/chart-configuration.ts';

const CREATED = 'a ServiceAccount with only gateway.envoyproxy.io/owning-gateway-name, created in here by dry run,';
const WITHOUT = `${CREATED} comes back without gateway.networking.k8s.io/gateway-name:`;

const ENTRY = 'standard.label.gateway-name-webhook';
const SECOND = `second.${ENTRY}`;

function entry(change: Partial<WebhookEntry> = {}): WebhookEntry {
  const made = entryFor('standard');
  const caBundle = Buffer.from('a CA').toString('base64');
  return { ...made, clientConfig: { ...made.clientConfig, caBundle }, ...change };
}

/** A release whose configuration has these entries. */
function having(...webhooks: readonly WebhookEntry[]): Installation {
  const value = { ...chartConfiguration(), webhooks };
  return { name: 'a-name', configuration: { value }, policies: { value: [] } };
}

/** One without a configuration, or of which there is none to be read. */
function lacking(known: Partial<Installation> = {}): Installation {
  return { name: 'a-name', configuration: { value: undefined }, policies: { value: [] }, ...known };
}

/** What is known where nothing came of the call, and nothing is known of why. */
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
  test('is content with both labels', () => {
    expect(judge({ trial: { outcome: 'created', added: 'verify', ms: 1 } })).toEqual({
      name: 'adds-standard',
      status: 'ok',
      message: `${CREATED} comes back with both labels`,
    });
  });

  test('is not content with another value', () => {
    expect(judge({ direction: 'owner', trial: { outcome: 'created', added: 'another', ms: 1 } })).toEqual({
      name: 'adds-owner',
      status: 'failure',
      class: 'wrong-answer',
      message: `a ServiceAccount with only gateway.networking.k8s.io/gateway-name, created in here by dry run, comes back with gateway.envoyproxy.io/owning-gateway-name: another, which is not of this webhook`,
      advice: 'Another webhook or policy sets it, and must stop.',
    });
  });

  test.for<readonly [what: string, known: Partial<CallEvidence>, fault: string | undefined, says: string]>([
    [
      'the configuration cannot be read',
      { installation: lacking({ configuration: { problem: { code: 403, message: 'No.' } } }) },
      'forbidden',
      'why cannot be told, as the configuration cannot be read. No.',
    ],
    [
      'there is no configuration',
      { installation: lacking() },
      'missing',
      `there is no MutatingWebhookConfiguration a-name with the entry ${ENTRY}`,
    ],
    [
      'there is no configuration, and perhaps a policy',
      { installation: lacking({ policies: { problem: { code: 403, message: 'No.' } } }) },
      'forbidden',
      `there is no MutatingWebhookConfiguration a-name with the entry ${ENTRY}, and whether policies add labels cannot be told. No.`,
    ],
    [
      'no rule sends it',
      { installation: having(entry({ rules: [] })) },
      'changed',
      `${ENTRY}: its rules leave out the creation of serviceaccounts`,
    ],
    [
      'there is no caBundle',
      { installation: having(entry({ clientConfig: { url: 'https://a/mutate' } })) },
      'missing',
      `the caBundle of ${ENTRY} is empty, so that the API server trusts no replica`,
    ],
    [
      'the proxy meets something',
      { reached: [{ entry: ENTRY, from: 'control-plane', fault: 'refused', text: 'refused' }] },
      'refused',
      `${ENTRY}: the API server, asked to pass a review on, meets: refused`,
    ],
    [
      'the proxy meets nothing, but we do',
      {
        reached: [
          { entry: ENTRY, from: 'control-plane', text: '' },
          { entry: ENTRY, from: 'here', fault: 'tls', text: 'x509' },
        ],
      },
      'tls',
      `${ENTRY}: a review from here meets: x509`,
    ],
    [
      'one of two attempts meets something',
      {
        installation: having(entry(), entry({ name: SECOND })),
        reached: [
          { entry: ENTRY, from: 'control-plane', text: '' },
          { entry: SECOND, from: 'control-plane', fault: 'refused', text: 'refused' },
        ],
      },
      'refused',
      `${SECOND}: the API server, asked to pass a review on, meets: refused`,
    ],
    [
      'the API server has waited, by its counts for the webhook',
      { trial: { outcome: 'created', added: undefined, ms: 2004 }, counted: { '503': 1 } },
      'timeout',
      'the API server has waited 2.0 s for an answer',
    ],
    [
      'another webhook is slow, and ours is not called',
      { trial: { outcome: 'created', added: undefined, ms: 9000 }, counted: {} },
      undefined,
      'the API server that answered has not called the webhook',
    ],
    [
      'the webhook answers nobody without a certificate',
      { reached: [{ entry: ENTRY, from: 'control-plane', isClosed: true, text: '' }], counted: { '403': 1 } },
      undefined,
      'it answers only clients with a certificate (webhook.clientCA), and perhaps the API server presents none',
    ],
    [
      'the API server waits',
      { trial: { outcome: 'created', added: undefined, ms: 2004 } },
      'timeout',
      'the API server has waited 2.0 s for an answer, of this webhook or another one',
    ],
    [
      'the API server waits, and nobody else does',
      {
        trial: { outcome: 'created', added: undefined, ms: 2004 },
        reached: [
          { entry: ENTRY, from: 'control-plane', text: '' },
          { entry: ENTRY, from: 'here', text: '' },
        ],
      },
      'timeout',
      'the API server has waited 2.0 s for an answer, of this webhook or another one, though the API server, asked to pass a review on, and a review from here gets the right answer',
    ],
    [
      'the API server got an HTTP error',
      { counted: { '404': 1 } },
      'wrong-answer',
      'the API server got HTTP status 404',
    ],
    [
      'the API server has not called',
      { counted: {} },
      undefined,
      'the API server that answered has not called the webhook',
    ],
    [
      'the API server has not called, and the namespace may be left out',
      {
        installation: having(entry({ namespaceSelector: { matchLabels: { a: 'b' } } })),
        counted: {},
      },
      undefined,
      'the API server that answered has not called the webhook; or its namespaceSelector decides against it',
    ],
    [
      'the API server does not get through',
      { counted: { '503': 1 }, reached: [{ entry: ENTRY, from: 'here', text: '' }] },
      undefined,
      'the API server does not get through, at once, though a review from here gets the right answer',
    ],
    ['nothing is known', {}, undefined, 'the API server does not get through, at once'],
    ['an answer was of no use', { counted: { '200': 1 } }, undefined, 'the API server does not get through, at once'],
  ])('tells that %s', ([, known, fault, says]) => {
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
  ] as const)('tells that the namespace is left out: %j: %s', ([namespaceLabels, isLeftOut]) => {
    const selecting = entry({ namespaceSelector: { matchLabels: { a: 'b' } } });
    const judgement = judge({ installation: having(selecting), namespaceLabels, counted: {} });
    if (isLeftOut) {
      expect(judgement).toEqual({
        name: 'adds-standard',
        status: 'skipped',
        message: `${WITHOUT} ${ENTRY}: its namespaceSelector leaves out here`,
        advice: 'Name a namespace that it selects by -n.',
      });
    } else {
      expect(judgement.message).toBe(`${WITHOUT} the API server that answered has not called the webhook`);
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
  ] as const)('tells why it is refused: %s %s: %s, %s', ([code, message, status, fault]) => {
    const judgement = judge({ trial: { outcome: 'refused', problem: { code, message } } });
    expect(judgement).toMatchObject({ name: 'adds-standard', status, class: fault });
    expect(judgement.message.endsWith(message)).toBe(true);
    expect(judgement.advice).toMatch(/\.$/);
  });
});

describe('judgeReached()', () => {
  const right = { entry: ENTRY, from: 'control-plane', text: 'the right answer' } as const;
  const closed = { entry: ENTRY, from: 'control-plane', isClosed: true, text: '' } as const;
  const answers = `the webhook of ${ENTRY} gives the right answer`;

  test.for<readonly [reached: readonly Reached[], isTrusted: boolean, expected: object]>([
    [[right], true, { status: 'ok', message: answers }],
    [[right, { ...right, from: 'here' }], false, { status: 'ok', message: answers }],
    [
      [right, { ...right, entry: SECOND }],
      true,
      { status: 'ok', message: `the webhook of ${ENTRY} and ${SECOND} gives the right answer` },
    ],
    [
      [right],
      false,
      { status: 'skipped', message: `${answers}, but whether the API server trusts its certificate is not known` },
    ],
    [[], true, { status: 'skipped', message: 'the webhook cannot be asked from here' }],
    [
      [closed],
      true,
      {
        status: 'skipped',
        message: 'the webhook cannot be asked from here: it answers only clients with a certificate (webhook.clientCA)',
      },
    ],
    [
      [right, { entry: ENTRY, from: 'here', fault: 'refused', text: 'ECONNREFUSED' }],
      true,
      { status: 'failure', class: 'refused', message: `${ENTRY}: a review from here meets: ECONNREFUSED` },
    ],
  ])('judges %o, trusted: %s', ([reached, isTrusted, expected]) => {
    expect(judgeReached('owner', reached, isTrusted)).toMatchObject({ name: 'webhook-adds-owner', ...expected });
  });
});
