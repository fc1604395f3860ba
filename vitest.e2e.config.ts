import { defineConfig } from 'vitest/config';

// Separate from vitest.config.ts: `npm test` must never use the current cluster of the user.
export default defineConfig({
  test: {
    // Each test goes on where the one before it left the cluster.
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
          // One cluster, one after the other.
          fileParallelism: false,
          // Kubelets take a minute or two to write a changed Secret into a Pod.
          testTimeout: 10 * 60_000,
          hookTimeout: 5 * 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/*.test.ts'],
          // One installation in one cluster, one after the other.
          fileParallelism: false,
          // Rollouts take half a minute each.
          testTimeout: 5 * 60_000,
          hookTimeout: 5 * 60_000,
        },
      },
    ],
  },
});
