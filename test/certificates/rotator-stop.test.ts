import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { TIMING } from '../../src/certificates/rotation.ts';
import { Rotator } from '../../src/certificates/rotator.ts';

test('a rotator that is stopped while it makes a CA does not write it any more', async () => {
  let writes = 0;
  const entries = [{ name: 'standard.label.gateway-name-webhook', caBundle: '' }];
  const rotator = new Rotator({
    store: {
      readSecret: async () => ({ resourceVersion: '1', content: undefined }),
      readConfiguration: async () => ({ resourceVersion: '2', entries, helm: { labels: {}, annotations: {} } }),
      createSecret: async () => {},
      writeSecret: async () => {
        writes += 1;
      },
      writeBundle: async () => {},
    },
    names: ['localhost'],
    logger: { info: () => {}, warn: () => {} },
    events: {
      onServing: () => {},
      onCABundle: () => {},
      onCABundleWritten: () => {},
      onRefused: () => {},
      onError: () => {},
    },
    timing: TIMING,
  });

  const started = rotator.start();
  // It has read, and waits for a key.
  await turn();
  rotator.stop();
  await started;
  expect(writes).toBe(0);
});
