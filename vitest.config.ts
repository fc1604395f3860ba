import { defineConfig } from 'vitest/config';

/**
 * Without a cluster, most tests of these projects are skipped. One process after another, one for each file, would only add a
 * third to the time of `npm test`: they run beside the unit tests then.
 */
const hasCluster = Boolean(process.env['KUBEBUILDER_ASSETS']);

export default defineConfig({
  test: {
    // Vitest leaves a processor idle otherwise: half of a machine with two.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{chart,cluster,e2e,image,integrations}/**'],
          // Half of the time went into importing the same modules for each file. They have no state that outlives a test.
          isolate: false,
          // Tests with real sockets and child processes, on a busy machine of two cores.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: ['test/cluster/global-setup.ts'],
          // One API server, one after the other: tests count calls.
          fileParallelism: !hasCluster,
          isolate: hasCluster,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'chart',
          include: ['test/chart/**/*.test.ts'],
          globalSetup: ['test/chart/global-setup.ts'],
          // One API server: a configuration that one test installs is in effect for all.
          fileParallelism: !hasCluster,
          isolate: hasCluster,
          // For concurrent tests.
          maxConcurrency: 2,
          // After the other projects: cluster tests measure time.
          sequence: { groupOrder: hasCluster ? 1 : 0 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // The process: argv, signals, exit codes. Tested by child processes, which coverage does not see.
      exclude: ['src/main.ts'],
      thresholds: { 100: true },
    },
  },
});
