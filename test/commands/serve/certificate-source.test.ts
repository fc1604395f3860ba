import pino from 'pino';
import { describe, expect, test, vi } from 'vitest';
import { TIMING } from '../../../src/certificates/timing.ts';
import { fromCluster } from '../../../src/commands/serve/certificate-source.ts';
import { buildMetrics } from '../../../src/server/metrics.ts';
import { podEnvironment, writeServiceAccount } from '../../support/service-account.ts';
import { startTrustApi } from '../../support/trust-api.ts';

async function sourceOf(before?: () => Promise<void> | void) {
  const api = await startTrustApi(before && { before });
  const onServing = vi.fn();
  const source = fromCluster(
    {
      mode: 'self',
      secret: { namespace: 'a-namespace', name: 'a-secret' },
      configuration: 'a-configuration',
      serviceAccount: writeServiceAccount(api),
    },
    podEnvironment(api),
    TIMING,
    {
      names: ['localhost'],
      logger: pino({ level: 'silent' }),
      metrics: buildMetrics({ version: '1.2.3', notReadyReason: async () => undefined }),
      onServing,
    },
  );
  return { source, api, onServing };
}

describe('fromCluster()', () => {
  test('serves nothing and sends no requests before it is started', async () => {
    const { source, api } = await sourceOf();
    expect(source.serving()).toBe('starting');
    expect(source.servableUntil()).toEqual(new Date(0));
    expect(source.trusted()).toBe('there is no caBundle');
    expect(api.requests).toEqual([]);
  });

  test('sends no requests if it is stopped while its modules are loaded', async () => {
    const { source, api } = await sourceOf();
    const started = source.start();
    source.stop();
    await started;
    expect([source.serving(), api.requests]).toEqual(['starting', []]);
  });

  test('serves with the CA that it has registered', async () => {
    const { source, api, onServing } = await sourceOf();
    await source.start();
    source.stop();
    expect(onServing.mock.calls).toEqual([[source.serving()]]);
    expect(source.trusted()).toEqual([api.bundles()[0]]);
    expect(source.servableUntil().getTime()).toBeGreaterThan(Date.now());
  });

  test('is not ready if the webhook configuration was deleted', async () => {
    let requests = 0;
    const { source, api } = await sourceOf(() => {
      requests += 1;
      // Issuing the CA, the caBundle and the serving certificate takes two reads each, and two writes.
      if (requests > 8) api.objects.configuration = undefined;
    });
    await source.start();
    source.stop();
    expect(source.serving()).toBeTypeOf('object');
    expect(source.trusted()).toBe('there is no caBundle');
  });
});
