import type { RequestListener } from 'node:http';
import { beforeAll, describe, expect, test } from 'vitest';
import { issueCA, issueServingCertificate, type KeyedCertificate } from '../../src/certificates/issue.ts';
import { isSetByOthers } from '../../src/doctor/label-setters.ts';
import { kubernetesObjectStore } from '../../src/kubernetes/kubernetes-object-store.ts';
import type { StoredMetadata } from '../../src/objects/stored-object.ts';
import { validFor } from '../support/certificates.ts';
import { describeCluster } from './cluster-test.ts';
import {
  adminClient,
  doctor,
  isLabelled,
  kubeconfigLike,
  MACHINE,
  of,
  printed,
  registered,
  serviceIn,
  untilCalled,
} from './doctor-cluster.ts';
import { accepting, answering, dropping } from './faulty-listeners.ts';
import { freePort } from './free-port.ts';
import { cluster, kubectl, tryKubectl } from './kubectl.ts';
import { create, createNamespace, OWNER, objectOf, STANDARD, stored } from './objects.ts';
import { Webhook } from './webhook.ts';

let ca: KeyedCertificate;
let good: KeyedCertificate;

beforeAll(async () => {
  ca = await issueCA(validFor(24 * 365, new Date()));
  good = await issueServingCertificate({ ca, names: ['127.0.0.1'], ...validFor(24, new Date()) });
});

const replying =
  (status: number, body: string): RequestListener =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body);

/** Allows every object and adds no label. */
const unpatched: RequestListener = (request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    const { uid } = JSON.parse(body).request;
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid, allowed: true } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(review));
  });
};

/** Real faults of a call, and the class that doctor reports for each. */
const FAULTS: readonly (readonly [what: string, fault: string, port: () => Promise<number>])[] = [
  ['nothing listens', 'refused', freePort],
  ['connections are reset', 'refused', () => accepting((socket) => socket.resetAndDestroy())],
  ['connections are accepted but not answered', 'timeout', () => accepting(() => {})],
  ['packets are dropped', 'timeout', dropping],
  ['a replica does not answer a review', 'timeout', () => answering(good, () => {})],
  [
    'the certificate is from another CA',
    'tls',
    async () => {
      const other = await issueCA(validFor(24, new Date()));
      const serving = await issueServingCertificate({ ca: other, names: ['127.0.0.1'], ...validFor(24, new Date()) });
      return answering(serving, replying(200, '{}'));
    },
  ],
  [
    'the certificate is for another name',
    'tls',
    async () => {
      const names = ['webhook.example.com'];
      const serving = await issueServingCertificate({ ca, names, ...validFor(24, new Date()) });
      return answering(serving, replying(200, '{}'));
    },
  ],
  [
    'the certificate has expired',
    'tls',
    async () => {
      const serving = await issueServingCertificate({ ca, names: ['127.0.0.1'], ...validFor(-0.1, new Date()) });
      return answering(serving, replying(200, '{}'));
    },
  ],
  [
    'the server speaks plain HTTP',
    'tls',
    () => accepting((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
  ],
  ['the path does not exist', 'wrong-answer', () => answering(good, replying(404, 'not found'))],
  ['the answer is a web page', 'wrong-answer', () => answering(good, replying(200, '<html></html>'))],
  ['the answer is not JSON', 'wrong-answer', () => answering(good, replying(200, '{{'))],
  ['the answer is not an AdmissionReview', 'wrong-answer', () => answering(good, replying(200, '{}'))],
  ['the label is not added', 'wrong-answer', () => answering(good, unpatched)],
];

describeCluster('doctor', () => {
  test('finds nothing wrong with a webhook that works', async () => {
    await using webhook = await Webhook.start();
    const { url, caBundle } = await webhook.clientConfig();
    const { args, namespace } = await registered({ url }, { ca: Buffer.from(caBundle, 'base64').toString() });
    await untilCalled(namespace, isLabelled);

    const diagnosis = await doctor(args);

    expect(of('kubernetes-api', diagnosis)).toEqual([['reachable', 'ok', undefined]]);
    expect(of('permissions', diagnosis)).toEqual([['all', 'ok', undefined]]);
    expect(of('configuration', diagnosis).map(([name, status]) => [name, status])).toEqual([
      ['present', 'ok'],
      ['standard.label.gateway-name-webhook', 'ok'],
      ['standard.label.gateway-name-webhook/namespaceSelector', 'note'],
      ['owner.label.gateway-name-webhook', 'ok'],
      ['owner.label.gateway-name-webhook/namespaceSelector', 'note'],
    ]);
    expect(of('endpoints', diagnosis)).toEqual([['service', 'note', undefined]]);
    expect(of('certificates', diagnosis)).toEqual([['ca-bundle', 'ok', undefined]]);
    expect(of('call', diagnosis)).toEqual([
      ['adds-standard', 'ok', undefined],
      ['adds-owner', 'ok', undefined],
    ]);
    expect(of('objects', diagnosis)).not.toEqual([]);
    expect(of('sunset', diagnosis)).not.toEqual([]);
  });

  describe.each(['Ignore', 'Fail'] as const)('with failurePolicy %s', (failurePolicy) => {
    test.for(FAULTS)('reports that %s: %s', async ([what, fault, listen]) => {
      const url = `https://127.0.0.1:${await listen()}/mutate`;
      const { args, namespace } = await registered({ url }, { ca: ca.cert, failurePolicy });
      // An answer without the label is not a failed call.
      const isRefused = failurePolicy === 'Fail' && what !== 'the label is not added';
      if (isRefused) await untilCalled(namespace, ({ status }) => status === 500);

      const found = await doctor(args);

      expect(of('call', found)).toEqual([
        ['adds-standard', 'failure', fault],
        ['adds-owner', 'failure', fault],
      ]);
      expect([found.exitCode, found.result]).toEqual([1, 'failure']);
      // If the API server refuses an object, doctor shows its message.
      const said = found.checks.filter(({ message }) => message.includes('failed calling webhook'));
      expect(said.length).toBe(isRefused ? 2 : 0);
    });
  });

  describe.skipIf(!MACHINE)('with a Service, sends a review through the API server and reports that', () => {
    const names = ['a.b.svc'];
    const any = () => issueServingCertificate({ ca, names, ...validFor(24, new Date()) });

    test.for<readonly [what: string, fault: string, port: () => Promise<number | undefined>]>([
      ['nothing listens', 'refused', freePort],
      ['connections are accepted but not answered', 'timeout', () => accepting(() => {}, MACHINE)],
      ['a replica does not answer a review', 'timeout', async () => answering(await any(), () => {}, MACHINE)],
      [
        'the server speaks plain HTTP',
        'tls',
        () => accepting((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')), MACHINE),
      ],
      ['the path does not exist', 'wrong-answer', async () => answering(await any(), replying(404, 'no'), MACHINE)],
      [
        'the answer is a web page',
        'wrong-answer',
        async () => answering(await any(), replying(200, '<html></html>'), MACHINE),
      ],
      ['the label is not added', 'wrong-answer', async () => answering(await any(), unpatched, MACHINE)],
      ['no Pod is ready', 'missing', async () => undefined],
    ])('%s: %s', async ([, fault, listen]) => {
      const namespace = await createNamespace();
      const service = { namespace, name: 'webhook', port: 443, path: '/mutate' };
      await serviceIn(namespace, service.name, await listen());
      const { args } = await registered({ service }, { ca: ca.cert });

      const found = await doctor(args);

      expect(of('call', found)).toEqual([
        ['adds-standard', 'failure', fault],
        ['adds-owner', 'failure', fault],
      ]);
      expect(of('endpoints', found).at(-1)).toEqual(
        fault === 'missing' ? ['ready-pods', 'failure', 'missing'] : ['ready-pods', 'ok', undefined],
      );
    });

    test('the Service or its port does not exist: missing', async () => {
      const namespace = await createNamespace();
      await serviceIn(namespace, 'webhook');
      for (const service of [
        { namespace, name: 'another', port: 443, path: '/mutate' },
        { namespace, name: 'webhook', port: 444, path: '/mutate' },
      ]) {
        const { args } = await registered({ service }, { ca: ca.cert });
        const found = await doctor(args);
        expect(of('endpoints', found)).toEqual([['service', 'failure', 'missing']]);
        expect(of('call', found)[0]).toEqual(['adds-standard', 'failure', 'missing']);
      }
    });
  });

  test('reports that there is no configuration: missing', async () => {
    const found = await doctor(['--webhook-configuration', 'not-created']);
    expect(of('configuration', found)).toEqual([['present', 'failure', 'missing']]);
    expect(of('call', found)).toEqual([['adds-standard', 'failure', 'missing']]);
    expect(of('endpoints', found)).toEqual([['service', 'failure', 'missing']]);
  });

  test('skips the call if the configuration excludes the namespace', async () => {
    const { name } = await registered({ url: 'https://127.0.0.1:1/mutate' }, { ca: ca.cert });
    const found = await doctor(['--webhook-configuration', name, '-n', await createNamespace()]);
    expect(of('call', found)).toEqual([
      ['adds-standard', 'skipped', undefined],
      ['adds-owner', 'skipped', undefined],
    ]);
    const alone = ['--only', 'call', '--webhook-configuration', name, '-n', await createNamespace()];
    expect((await doctor(alone)).exitCode).toBe(2);
  });

  test('reports changes of the configuration, with the field manager and the time: changed', async () => {
    const { name, args } = await registered({ url: 'https://127.0.0.1:1/mutate' }, { ca: ca.cert });
    const patch = [
      { op: 'replace', path: '/webhooks/0/objectSelector', value: {} },
      { op: 'replace', path: '/webhooks/1/timeoutSeconds', value: 30 },
    ];
    await kubectl(['patch', 'mutatingwebhookconfiguration', name, '--type=json', '-p', JSON.stringify(patch)]);

    const found = await doctor(args);

    const changed = found.checks.filter((check) => check.class === 'changed');
    expect(changed).toMatchObject([
      { name: 'standard.label.gateway-name-webhook/objectSelector', status: 'failure' },
      { name: 'owner.label.gateway-name-webhook/timeoutSeconds', status: 'warning' },
    ]);
    for (const { message } of changed) expect(message).toMatch(/, set by kubectl-patch at \d{4}-.*Z$/);
  });

  test('reports missing permissions, and prints commands that grant them: forbidden', async () => {
    const { args, namespace } = await registered({ url: 'https://127.0.0.1:1/mutate' }, { ca: ca.cert });
    await kubectl(['create', 'serviceaccount', 'somebody', '-n', namespace]);
    const token = (await kubectl(['create', 'token', 'somebody', '-n', namespace])).trim();
    const kubeconfig = kubeconfigLike(({ users: [user] }) => Object.assign(user ?? {}, { user: { token } }));

    const found = await doctor(args, kubeconfig);

    expect(found.exitCode).toBe(1);
    expect(of('permissions', found)).toEqual([
      ['get-mutatingwebhookconfigurations.admissionregistration.k8s.io', 'warning', 'forbidden'],
      ...(cluster().policyVersion ? RIGHTS_TO_POLICIES : []),
      ['get-services', 'skipped', 'forbidden'],
      ['list-endpointslices.discovery.k8s.io', 'skipped', 'forbidden'],
      ['create-pods/portforward', 'skipped', 'forbidden'],
      ['get-pods/portforward', 'skipped', 'forbidden'],
      ['create-services/proxy', 'skipped', 'forbidden'],
      ['create-serviceaccounts', 'warning', 'forbidden'],
      ['list-pods', 'skipped', 'forbidden'],
      ['list-services', 'skipped', 'forbidden'],
      ['list-serviceaccounts', 'skipped', 'forbidden'],
      ['list-poddisruptionbudgets.policy', 'skipped', 'forbidden'],
      ['grant', 'note', undefined],
    ]);
    expect(new Set(found.checks.map(({ section }) => section))).toEqual(new Set(['kubernetes-api', 'permissions']));

    const commands = found.checks.find(({ name }) => name === 'grant')?.details ?? [];
    expect(commands.length).toBeGreaterThan(3);
    for (const command of commands) {
      const [program, ...words] = command.split(' ');
      expect(program).toBe('kubectl');
      expect(await tryKubectl(words)).toMatchObject({ exitCode: 0 });
    }
    expect(of('permissions', await doctor(args, kubeconfig))).toEqual([['all', 'ok', undefined]]);
  });

  test.for<readonly [fault: string, change: Parameters<typeof kubeconfigLike>[0]]>([
    ['forbidden', ({ users: [user] }) => Object.assign(user ?? {}, { user: { token: 'nobody' } })],
    ['tls', ({ clusters: [one] }) => Object.assign(one?.cluster ?? {}, { 'certificate-authority': undefined })],
    ['refused', ({ clusters: [one] }) => Object.assign(one?.cluster ?? {}, { server: 'https://127.0.0.1:1' })],
    ['missing', ({ clusters: [one] }) => Object.assign(one?.cluster ?? {}, { server: 'https://api.invalid' })],
  ])('exits with 2 if no request to the API server succeeds: %s', async ([fault, change]) => {
    const found = await doctor([], kubeconfigLike(change));
    expect(found).toMatchObject({
      exitCode: 2,
      result: 'failure',
      checks: [{ section: 'kubernetes-api', class: fault }],
    });
    expect(found.checks.length).toBe(1);
  });

  test('distinguishes labels that Envoy Gateway sets from labels that only backfill or admission has set', async () => {
    const namespace = await createNamespace();
    const labels = { [OWNER]: 'eg', 'app.kubernetes.io/managed-by': 'envoy-gateway' };
    const apply = (name: string, more: object, manager: string) =>
      kubectl(['apply', '--server-side', '--force-conflicts', `--field-manager=${manager}`, '-f', '-'], {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name, namespace, labels: { ...labels, ...more } },
      });
    const isSet = async (name: string) => {
      const { metadata } = await stored('ServiceAccount', namespace, name);
      return isSetByOthers(metadata as unknown as StoredMetadata, STANDARD);
    };

    await apply('by-envoy-gateway', { [STANDARD]: 'eg' }, 'envoy-gateway');
    expect(await isSet('by-envoy-gateway')).toBe(true);

    await apply('by-backfill', {}, 'envoy-gateway');
    const store = kubernetesObjectStore(adminClient(), {});
    const object = await store.get({ kind: 'ServiceAccount', namespace, name: 'by-backfill' });
    if (!object) throw new Error('The ServiceAccount does not exist');
    await store.addLabel(object, { key: STANDARD, value: 'eg' }, { dryRun: false });
    expect(await isSet('by-backfill')).toBe(false);
    // A newer Envoy Gateway sets the label itself.
    await apply('by-backfill', { [STANDARD]: 'eg' }, 'envoy-gateway');
    expect(await isSet('by-backfill')).toBe(true);

    await using webhook = await Webhook.start();
    const { url, caBundle } = await webhook.clientConfig();
    const { namespace: called } = await registered({ url }, { ca: Buffer.from(caBundle, 'base64').toString() });
    await untilCalled(called, isLabelled);
    const added = await create(objectOf('ServiceAccount', { name: 'by-admission', namespace: called, labels }));
    expect(added.metadata.labels).toMatchObject({ [STANDARD]: 'eg' });
    const { metadata } = await stored('ServiceAccount', called, 'by-admission');
    expect(isSetByOthers(metadata as unknown as StoredMetadata, STANDARD)).toBe(false);
  });

  test('prints text for people', async () => {
    const { args } = await registered({ url: `https://127.0.0.1:${await freePort()}/mutate` }, { ca: ca.cert });
    const { stdout, stderr } = await printed(args);
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^kubernetes-api\n✓ the API server answers \(v1\.\d+\.\d+\)\n\npermissions\n✓ all 13 permissions/,
    );
    expect(stdout).toMatch(
      /\n✗ a ServiceAccount .*: standard\.label\.\S+: a review sent from here failed: connect ECONNREFUSED .* {3}\[refused\]\n/,
    );
  });
});

/** Needed only if the API server serves policies. */
const RIGHTS_TO_POLICIES = [
  ['get-mutatingadmissionpolicies.admissionregistration.k8s.io', 'skipped', 'forbidden'],
  ['get-mutatingadmissionpolicybindings.admissionregistration.k8s.io', 'skipped', 'forbidden'],
];
