import { defineConfig } from 'vitest/config';

// Separate from vitest.config.ts: `npm test` must never use the current cluster of the user.
export default defineConfig({
  test: {
    // Each test continues with the cluster as the previous test left it.
    bail: 1,
    projects: [
      {
        test: {
          name: 'image',
          include: ['test/image/*.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integrations',
          include: ['test/integrations/*.test.ts'],
          // The files share one cluster.
          fileParallelism: false,
          // The kubelet takes a minute or two to write a changed Secret into a Pod.
          testTimeout: 10 * 60_000,
          hookTimeout: 5 * 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/*.test.ts'],
          // The files share one installation in one cluster.
          fileParallelism: false,
          // A rollout takes half a minute.
          testTimeout: 5 * 60_000,
          hookTimeout: 5 * 60_000,
        },
      },
    ],
  },
});
