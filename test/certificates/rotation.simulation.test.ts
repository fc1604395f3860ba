import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockProblem } from '../../src/certificates/clock.ts';
import { planRotation } from '../../src/certificates/rotation.ts';
import { isNightly, runs } from '../support/runs.ts';
import { ANY_VERSION, type Machine, type Plan } from './simulation/replica.ts';
import { INCIDENTS, type Scenario, simulate } from './simulation/simulate.ts';
import { DAY } from './simulation/world.ts';

const fraction = fc.double({ min: 0, max: 1, noNaN: true });

const YEAR_MINUTES = 365 * 24 * 60;

/** Most clocks are off by no more than certificates allow, and some by up to 30 years. */
const minutes = fc.oneof(
  { weight: 9, arbitrary: fc.integer({ min: -60, max: 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: -30 * YEAR_MINUTES, max: 30 * YEAR_MINUTES }) },
  { weight: 1, arbitrary: fc.integer({ min: -24 * 60, max: 24 * 60 }) },
);

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  replicas: fc.integer({ min: 1, max: 5 }),
  skews: fc.array(minutes, { minLength: 5, maxLength: 5 }),
  incidents: fc.array(fc.record({ at: fraction, kind: fc.constantFrom(...INCIDENTS), size: fraction }), {
    maxLength: 40,
  }),
  seed: fc.integer(),
});

const BROKEN_PLANS: Record<string, Plan> = {
  'signs with a CA as soon as it is published': (observation, timing) => {
    const seenForMs = new Map([...observation.seenForMs.keys()].map((id) => [id, Number.POSITIVE_INFINITY]));
    return planRotation({ ...observation, seenForMs }, timing);
  },
  'removes the old CA immediately': (observation, timing) => {
    return planRotation(observation, { ...timing, servingLifetimeMs: 0, clockSkewMs: 0 });
  },
  'knows only the CAs of the Secret': (observation, timing) => {
    const known = new Set(observation.secret?.cas.map(({ fingerprint }) => fingerprint));
    const entries = observation.configuration?.entries.map((entry) => ({
      ...entry,
      cas: entry.cas.filter(({ fingerprint }) => known.has(fingerprint)),
    }));
    const configuration = observation.configuration && { ...observation.configuration, entries: entries ?? [] };
    const serving = known.has(observation.serving?.ca.fingerprint ?? '') ? observation.serving : undefined;
    return planRotation({ ...observation, configuration, serving }, timing);
  },
  'makes every new CA active immediately': (observation, timing) => {
    const action = planRotation(observation, timing);
    if (action.do !== 'add-ca') return action;
    const cas = action.cas.map((ca) => (ca.state === 'active' ? { ...ca, state: 'retired' as const } : ca));
    return { ...action, state: 'active', cas };
  },
  'does not repair the caBundle': (observation, timing) => {
    const action = planRotation(observation, timing);
    const isEdited = observation.configuration?.entries.some(({ caBundle }) => caBundle === '');
    return action.do === 'write-bundle' && observation.serving && isEdited ? { do: 'rest' } : action;
  },
  'overwrites concurrent changes': (observation, timing) => {
    const action = planRotation(observation, timing);
    return 'resourceVersion' in action ? { ...action, resourceVersion: ANY_VERSION } : action;
  },
  'never replaces a CA': (observation, timing) => {
    const cas = observation.secret?.cas.map((ca) => ({ ...ca, renewAt: ca.notAfter }));
    return planRotation(
      { ...observation, secret: observation.secret && { ...observation.secret, cas: cas ?? [] } },
      timing,
    );
  },
  'never renews a serving certificate': (observation, timing) => {
    const serving = observation.serving && { ...observation.serving, renewAt: observation.serving.notAfter };
    return planRotation({ ...observation, serving }, timing);
  },
  'never removes old CAs': (observation, timing) => {
    return planRotation(observation, { ...timing, servingLifetimeMs: 400 * DAY });
  },
};

const BROKEN: Record<string, Partial<Machine>> = {
  ...Object.fromEntries(Object.entries(BROKEN_PLANS).map(([what, plan]) => [what, { plan }])),
  'does not check its clock': { clockProblem: () => undefined },
  'accepts a clock that is a day off': {
    clockProblem: (aheadMs, { clockSkewMs }) => clockProblem(aheadMs, { clockSkewMs: 24 * clockSkewMs }),
  },
  'accepts any clock that is ahead': {
    clockProblem: (aheadMs, timing) => clockProblem(Math.min(aheadMs ?? 0, 0), timing),
  },
  'accepts any clock that is behind': {
    clockProblem: (aheadMs, timing) => clockProblem(Math.max(aheadMs ?? 0, 0), timing),
  },
  'accepts no clock that is behind': { clockProblem: (aheadMs) => ((aheadMs ?? 0) < 0 ? 'it is behind' : undefined) },
};

const YEARS = runs(25);

/**
 * Fixed, so that a rare failure does not block an unrelated change. `npm run test:nightly`
 * uses a new seed each time.
 */
const SEED = isNightly ? Date.now() % 2 ** 31 : 1;

/** A year with forty incidents takes up to half a second on a busy machine. */
const YEAR_TIMEOUT_MS = 1_000;

describe('a year of planRotation()', () => {
  test(`keeps every ready replica trusted in ${YEARS} years with random incidents (seed ${SEED})`, {
    timeout: 60_000 + YEARS * YEAR_TIMEOUT_MS,
  }, () => {
    fc.assert(
      fc.property(scenarios, (scenario) => {
        expect(simulate(scenario).violations).toEqual([]);
      }),
      { numRuns: YEARS, seed: SEED },
    );
  });

  // A replica that wakes up finds no certificate that clients accept, and starts immediately, as in a new installation.
  test.each([1, 3])(
    'starts with a new CA if the key is lost while all %i replicas are paused for longer than certificates are valid',
    (replicas) => {
      const hour = 1 / (365 * 24);
      const incidents = [
        { at: 0.5, kind: 'pause-all', size: 1 },
        { at: 0.5 + hour, kind: 'demote-active', size: 0 },
      ] as const;
      const seeds = [1, 2, 3, 4, 5];
      const scenarios = seeds.map((seed): Scenario => ({ replicas, skews: [0, 0, 0], incidents, seed }));
      expect(scenarios.flatMap((scenario) => simulate(scenario).violations)).toEqual([]);
    },
  );

  // Only the replicas that use the removed CA know it. A replica without a certificate starts with its own new CA.
  test.each([2, 3])(
    'restores a caBundle and a Secret that an outsider has emptied while one of %i replicas starts',
    (replicas) => {
      const kinds = ['empty-bundle', 'delete-secret', 'restart-one'] as const;
      const incidents = kinds.map((kind) => ({ at: 0.5, kind, size: 1 }));
      const seeds = [1, 2, 3, 4, 5];
      const scenarios = seeds.map((seed): Scenario => ({ replicas, skews: [0, 0, 0], incidents, seed }));
      expect(scenarios.flatMap((scenario) => simulate(scenario).violations)).toEqual([]);
    },
  );

  test('writes no more than rotations need if there are no incidents', () => {
    const { violations, bundleWrites, secretWrites } = simulate({
      replicas: 5,
      skews: [30, -30, 0, 10, -10],
      incidents: [],
      seed: 1,
    });
    // caBundle: the first CA, both CAs, the second CA. Secret: each new CA, the promotion, the removal of the first CA.
    expect({ violations, bundleWrites, secretWrites }).toEqual({ violations: [], bundleWrites: 3, secretWrites: 4 });
  });

  // The simulation must find violations in broken programs; otherwise its success proves nothing.
  test.each(Object.entries(BROKEN))('finds violations if the program %s', (_, machine) => {
    const result = fc.check(
      fc.property(scenarios, (scenario) => simulate(scenario, machine).violations.length === 0),
      // Fixed years, because some faults show only in one year of a hundred. With this seed, thirty years show all of them.
      { seed: 2, numRuns: 500, endOnFailure: true },
    );
    expect(result.failed).toBe(true);
  });
});
