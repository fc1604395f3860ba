import { describe, expect, test } from 'vitest';
import { isWithoutProxy } from '../../../src/kubernetes/kubeconfig/no-proxy.ts';

/** The rules of golang.org/x/net/http/httpproxy, from its tests and comments. */
describe('isWithoutProxy()', () => {
  test.for([
    ['https://localhost:6443', ''],
    ['https://127.0.0.1', ''],
    ['https://127.1.2.3', ''],
    ['https://[::1]', ''],
    ['https://api.test', '*'],
    ['https://10.0.0.1', 'a.test, *'],
    ['https://api.test', 'api.test'],
    ['https://API.test', ' Api.Test '],
    ['https://a.api.test', 'api.test'],
    ['https://a.api.test', '.api.test'],
    ['https://a.api.test', '*.api.test'],
    ['https://api.test', 'api.test:443'],
    ['http://api.test', 'api.test:80'],
    ['https://api.test:6443', 'api.test:6443'],
    ['https://api.test:6443', 'api.test:'],
    ['https://10.0.0.1', '10.0.0.1'],
    ['https://10.0.0.1:6443', '10.0.0.1:6443'],
    ['https://10.1.2.3', '10.0.0.0/8'],
    ['https://[fd00::1]', 'fd00:0::1'],
    ['https://[fd00::1]:6443', '[fd00::1]:6443'],
    ['https://[fd00::1]', 'fd00::/8'],
  ] as const)('returns true for %s with "%s"', ([server, noProxy]) => {
    expect(isWithoutProxy(new URL(server), noProxy)).toBe(true);
  });

  test.for([
    ['https://api.test', ''],
    ['https://api.test', ',,'],
    ['https://api.test', ':443'],
    ['https://localhost.test', ''],
    ['https://api.test', '.api.test'],
    ['https://api.test', '*.api.test'],
    ['https://myapi.test', 'api.test'],
    ['https://api.test', 'a.api.test'],
    ['https://api.test', 'api.test:6443'],
    ['https://api.test:6443', 'api.test:443'],
    ['https://10.0.0.1', '10.0.0.2'],
    ['https://10.0.0.1', '.0.0.1'],
    ['https://10.0.0.1', '10.0.0.1:6443'],
    ['https://11.1.2.3', '10.0.0.0/8'],
    ['https://10.0.0.1', '10.0.0.1/33'],
    ['https://10.0.0.1', 'api.test/8'],
    ['https://api.test', '10.0.0.0/8'],
    ['https://api.test', '10.0.0.1'],
    ['https://[fd00::1]', '[fd00::1]'],
    ['https://[fd00::1]', 'fe00::/8'],
  ] as const)('returns false for %s with "%s"', ([server, noProxy]) => {
    expect(isWithoutProxy(new URL(server), noProxy)).toBe(false);
  });
});
