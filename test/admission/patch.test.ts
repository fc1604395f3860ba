import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { addLabel } from '../../src/admission/patch.ts';

describe('addLabel()', () => {
  test.for([
    { key: GATEWAY_LABELS.standard, path: '/metadata/labels/gateway.networking.k8s.io~1gateway-name' },
    { key: GATEWAY_LABELS.owner, path: '/metadata/labels/gateway.envoyproxy.io~1owning-gateway-name' },
    { key: 'a~b/c~1d', path: '/metadata/labels/a~0b~1c~01d' },
    { key: '~~//', path: '/metadata/labels/~0~0~1~1' },
  ])('returns one add operation at $path', ({ key, path }) => {
    expect(addLabel({ key, value: 'eg' })).toEqual([{ op: 'add', path, value: 'eg' }]);
  });
});
