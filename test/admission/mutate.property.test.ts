import fc from 'fast-check';
import fastJsonPatch from 'fast-json-patch';
import { applyPatch } from 'rfc6902';
import { describe, expect, test } from 'vitest';
import { GATEWAY_LABELS, type Reverse } from '../../src/admission/gateway.ts';
import { mutate } from '../../src/admission/mutate.ts';
import type { AdmissionRequest } from '../../src/admission/review.ts';
import { objects, reverse } from '../support/arbitraries.ts';

type TestObject = NonNullable<AdmissionRequest['object']>;

const { standard, owner } = GATEWAY_LABELS;

function labelsOf(object: TestObject): Record<string, string> {
  return object.metadata?.labels ?? {};
}

/** Two independent implementations of RFC 6902. The properties must hold for each of them. */
const ORACLES = {
  'fast-json-patch': (object: TestObject, patch: []): TestObject =>
    // It rejects `__proto__` by default. Our patches never contain it.
    fastJsonPatch.applyPatch(structuredClone(object), patch, true).newDocument,
  rfc6902: (object: TestObject, patch: []): TestObject => {
    const copy = structuredClone(object);
    expect(applyPatch(copy, patch)).toEqual(patch.map(() => null));
    return copy;
  },
};

function patchOf(object: TestObject, direction: Reverse): [] {
  const { patch } = mutate({ uid: 'u', object }, direction);
  return patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString());
}

describe.for(Object.entries(ORACLES))('mutate(), with its patch applied by %s,', ([, apply]) => {
  test('changes nothing except for the added label', () => {
    fc.assert(
      fc.property(objects, reverse, (object, direction) => {
        const patch = patchOf(object, direction);
        const after = apply(object, patch);
        const added = Object.entries(labelsOf(after)).filter(([key]) => !Object.hasOwn(labelsOf(object), key));
        expect(added).toHaveLength(patch.length);
        for (const [key] of added) delete labelsOf(after)[key];
        expect(JSON.stringify(after)).toBe(JSON.stringify(object));
      }),
    );
  });

  test('makes both labels equal, or returns the reason', () => {
    fc.assert(
      fc.property(objects, reverse, (object, direction) => {
        const { reason } = mutate({ uid: 'u', object }, direction).auditAnnotations;
        const labels = labelsOf(apply(object, patchOf(object, direction)));
        const isComplete = Object.hasOwn(labels, standard) && labels[standard] === labels[owner];
        if (['added-standard', 'added-owner', 'complete'].includes(reason)) expect(isComplete).toBe(true);
        else expect(patchOf(object, direction)).toEqual([]);
      }),
    );
  });

  test('adds nothing to its own result', () => {
    fc.assert(
      fc.property(objects, reverse, (object, direction) => {
        expect(patchOf(apply(object, patchOf(object, direction)), direction)).toEqual([]);
      }),
    );
  });
});

describe('mutate()', () => {
  test('always allows, returns the uid, and returns patch and patchType together or not at all', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), objects, reverse, (uid, object, direction) => {
        const response = mutate({ uid, object }, direction);
        expect(response).toMatchObject({ uid, allowed: true });
        expect('patch' in response).toBe('patchType' in response);
      }),
    );
  });

  test('adds labels often enough for the properties above to be meaningful', () => {
    const reasons = fc.sample(fc.tuple(objects, reverse), 1000).map(([object, direction]) => {
      return mutate({ uid: 'u', object }, direction).auditAnnotations.reason;
    });
    expect(new Set(reasons).size).toBe(10);
  });
});
