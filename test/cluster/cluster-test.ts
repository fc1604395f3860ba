import { describe, inject, test as vitest } from 'vitest';
import { createNamespace } from './objects.ts';
import { register } from './registration.ts';
import { Webhook } from './webhook.ts';

/** Groups tests that need the cluster, and skips them if there is none. */
export const describeCluster = describe.skipIf(inject('cluster') === null);

/** A test with a webhook and its configuration, shared by the file, and with a separate namespace that they cover. */
export const test = vitest
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture depends on.
  .extend('webhook', { scope: 'file' }, async ({}, { onCleanup }) => {
    const webhook = await Webhook.start();
    onCleanup(() => webhook.stop());
    return webhook;
  })
  .extend('registration', { scope: 'file' }, async ({ webhook }, { onCleanup }) => {
    const registration = await register(await webhook.clientConfig());
    onCleanup(() => registration[Symbol.asyncDispose]());
    return registration;
  })
  .extend('namespace', ({ registration }) => createNamespace(registration));
