import { defineConfig } from 'vitest/config';

/**
 * Without a cluster, most tests of these projects are skipped. Running each file in its own process, one at a time, would only
 * add a third to the duration of `npm test`, so they run in parallel with the unit tests.
 */
const hasCluster = Boolean(process.env['KUBEBUILDER_ASSETS']);

export default defineConfig({
  test: {
    // By default, Vitest leaves one processor idle: half of a machine with two.
    maxWorkers: '100%',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{chart,cluster,e2e,image,integrations,pages}/**'],
          // Importing the same modules for each file took half of the time. They have no state that outlives a test.
          isolate: false,
          // Some tests use real sockets and child processes, which are slow on a busy machine with two cores.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: ['test/cluster/global-setup.ts'],
          // The files share one API server, and tests count its calls.
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
          // The files share one API server, and an installation in one test affects all of them.
          fileParallelism: !hasCluster,
          isolate: hasCluster,
          // For concurrent tests.
          maxConcurrency: 2,
          // After the other projects, because cluster tests measure time.
          sequence: { groupOrder: hasCluster ? 1 : 0 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'pages',
          include: ['test/pages/**/*.test.ts'],
          globalSetup: ['test/pages/global-setup.ts'],
          fileParallelism: !hasCluster,
          isolate: hasCluster,
          // Commands that change nothing.
          maxConcurrency: 2,
          sequence: { groupOrder: hasCluster ? 2 : 0 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // The process: argv, signals, exit codes. Child processes test it, and coverage does not include them.
      exclude: ['src/main.ts'],
      thresholds: { 100: true },
    },
  },
});
