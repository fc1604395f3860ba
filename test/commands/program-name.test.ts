import { expect, test } from 'vitest';
import { asCalled, programName } from '../../src/commands/program-name.ts';

test.for<readonly [script: string, name: string]>([
  ['/usr/local/bin/gateway-name-webhook', 'gateway-name-webhook'],
  ['/app/dist/main.js', 'gateway-name-webhook'],
  ['/home/jane/.krew/bin/kubectl-gateway_name', 'kubectl gateway-name'],
  ['kubectl-gateway_name.js', 'kubectl gateway-name'],
  ['undefined', 'gateway-name-webhook'],
])('programName() of %s is %s', ([script, name]) => {
  expect(programName(script)).toBe(name);
});

test.for<readonly [text: string, expected: string]>([
  ['  gateway-name-webhook audit -A', '  kubectl gateway-name audit -A'],
  ['`gateway-name-webhook certs status`', '`kubectl gateway-name certs status`'],
  // The name of an installed object stays.
  ['MutatingWebhookConfiguration gateway-name-webhook, of', 'MutatingWebhookConfiguration gateway-name-webhook, of'],
  ['standard.label.gateway-name-webhook is', 'standard.label.gateway-name-webhook is'],
  ['Service a/gateway-name-webhook has no', 'Service a/gateway-name-webhook has no'],
])('asCalled() replaces the program name in %s: %s', ([text, expected]) => {
  expect(asCalled(text, 'kubectl gateway-name')).toBe(expected);
});
