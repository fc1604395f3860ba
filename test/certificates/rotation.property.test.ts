import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CA, CACertificate } from '../../src/certificates/ca.ts';
import type { Observation, Registration } from '../../src/certificates/observation.ts';
import { type Action, planRotation } from '../../src/certificates/rotation.ts';
import { leavesAt, TIMING } from '../../src/certificates/timing.ts';
import { namedCA } from '../support/cas.ts';
import { hoursLater, ISSUED_AT as NOW } from '../support/certificates.ts';
import { runs } from '../support/runs.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;

/** The times, in hours from now, at which decisions change, and a moment before and after each. */
const points = fc
  .tuple(fc.constantFrom(-24 * 365, -24 * 8.125, -28, -26, -25, -1, 0, 1, 2, 24, 24 * 365), fc.constantFrom(-1, 0, 1))
  .map(([hours, ms]) => new Date(hoursLater(hours).getTime() + ms));

const certificates: fc.Arbitrary<readonly CACertificate[]> = fc.tuple(
  ...NAMES.map((name) =>
    fc.record({ notBefore: points, notAfter: points, renewAt: points }).map((life) => namedCA(name, life)),
  ),
);

/** A Secret's content as the program reads it: each CA once, at most one active and one pending, and no other CA with a key. */
function secretCAs(all: readonly CACertificate[]): fc.Arbitrary<readonly CA[]> {
  const former = fc.record({ state: fc.constantFrom('retired' as const, 'distrusted' as const), since: points });
  return fc
    .tuple(
      fc.shuffledSubarray([...all]),
      fc.constantFrom('active' as const, 'none'),
      fc.constantFrom('pending' as const, 'none'),
      fc.array(former, { minLength: all.length, maxLength: all.length }),
      points,
    )
    .map(([chosen, first, second, formerStates, since]) => {
      const states = [first, second].filter((state) => state !== 'none');
      return chosen.map((certificate, index) => {
        const state = states[index];
        if (state !== undefined) return { ...certificate, state, since, key: `key of ${certificate.fingerprint}` };
        return { ...certificate, ...(formerStates[index] ?? { state: 'retired', since }) };
      });
    });
}

function registrations(all: readonly CACertificate[]): fc.Arbitrary<readonly Registration[]> {
  const entry = fc.tuple(fc.shuffledSubarray([...all]), fc.constantFrom('', '', 'garbage')).map(([cas, garbage]) => ({
    caBundle: garbage + cas.map(({ cert }) => cert).join(''),
    cas,
  }));
  const entries = fc.oneof(
    fc.array(entry, { maxLength: 3 }),
    entry.map((one) => [one, one]),
  );
  return entries.map((some) => some.map((one, index) => ({ name: `entry-${index}`, ...one })));
}

const observations: fc.Arbitrary<Observation> = certificates.chain((all) =>
  fc.record({
    secret: fc.option(
      fc.record({
        resourceVersion: fc.constant('s1'),
        cas: secretCAs(all),
        refused: fc.constantFrom([], [], ['refused']),
      }),
      { nil: undefined, freq: 8 },
    ),
    configuration: fc.option(fc.record({ resourceVersion: fc.constant('c1'), entries: registrations(all) }), {
      nil: undefined,
      freq: 20,
    }),
    serving: fc.option(fc.record({ ca: fc.constantFrom(...all), notAfter: points, renewAt: points }), {
      nil: undefined,
    }),
    seenForMs: fc
      .array(fc.constantFrom(0, TIMING.propagationMs - 1, TIMING.propagationMs), { minLength: 5, maxLength: 5 })
      .map((times) => new Map(all.map(({ fingerprint }, index) => [fingerprint, times[index] ?? 0]))),
    now: fc.constant(NOW),
  }),
);

/** The possible next states of a CA in the Secret; undefined if it is removed. */
const NEXT_STATES: Readonly<Record<CA['state'], readonly (CA['state'] | undefined)[]>> = {
  pending: ['pending', 'active'],
  active: ['active', 'retired'],
  retired: ['retired', undefined],
  distrusted: ['distrusted'],
};

const SECRET_ACTIONS = ['add-ca', 'write-secret'] as const;

/** Checks every action of the given kinds, and that there are some. */
function checkActions<K extends Action['do']>(
  kinds: readonly K[],
  check: (action: Extract<Action, { do: K }>, observation: Observation) => void,
) {
  let seen = 0;
  fc.assert(
    fc.property(observations, (observation) => {
      const action = planRotation(observation, TIMING);
      if (!kinds.some((kind) => kind === action.do)) return;
      seen += 1;
      check(action as Extract<Action, { do: K }>, observation);
    }),
    { numRuns: runs(1_500) },
  );
  expect(seen).toBeGreaterThan(20);
}

function knownIn({ secret }: Observation): ReadonlyMap<string, CA> {
  return new Map(secret?.cas.map((ca) => [ca.fingerprint, ca]));
}

function live({ configuration }: Observation): readonly CACertificate[] {
  return configuration?.entries.flatMap(({ cas }) => cas) ?? [];
}

function namesIn(caBundle: string): string[] {
  return [...caBundle.matchAll(/<(.)>/g)].map(([, name = '']) => name);
}

describe('planRotation() in any situation', () => {
  test('makes each kind of decision', () => {
    const found = new Set<string>();
    fc.assert(
      fc.property(observations, (observation) => {
        found.add(planRotation(observation, TIMING).do);
      }),
      { numRuns: runs(1_500) },
    );
    expect([...found].sort()).toEqual(
      ['add-ca', 'create-secret', 'issue-serving', 'rest', 'wait', 'write-bundle', 'write-secret'].sort(),
    );
  });

  test('removes no CA from a caBundle that a certificate in use may need', () => {
    checkActions(['write-bundle'], ({ caBundle }, observation) => {
      const known = knownIn(observation);
      const needed = [...live(observation), ...servingCAs(observation)].filter(({ fingerprint, notAfter }) => {
        const ca = known.get(fingerprint);
        if (notAfter <= NOW || ca?.state === 'distrusted') return false;
        return ca?.state !== 'retired' || NOW < leavesAt(ca, TIMING);
      });
      const stays = needed.filter((ca) => {
        const state = known.get(ca.fingerprint)?.state;
        // A removed CA is not published again for the certificate of one replica: the other replicas have agreed to remove it.
        return state !== 'retired' || live(observation).some(({ fingerprint }) => fingerprint === ca.fingerprint);
      });
      expect(namesIn(caBundle)).toEqual(expect.arrayContaining(stays.map(({ fingerprint }) => fingerprint)));
    });
  });

  test('publishes the active and the pending CA, no distrusted or expired one, and each once', () => {
    checkActions(['write-bundle'], ({ caBundle }, observation) => {
      const names = namesIn(caBundle);
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
      const known = [...knownIn(observation).values()];
      const refused = known.filter(({ state, notAfter }) => state === 'distrusted' || notAfter <= NOW);
      const expired = live(observation).filter(({ notAfter }) => notAfter <= NOW);
      for (const { fingerprint } of [...refused, ...expired]) expect(names).not.toContain(fingerprint);
      const signers = known.filter((ca) => 'key' in ca && ca.notAfter > NOW);
      expect(names).toEqual(expect.arrayContaining(signers.map(({ fingerprint }) => fingerprint)));
    });
  });

  test('writes all entries that were read, and only if one of them differs', () => {
    checkActions(['write-bundle'], ({ caBundle, entries, resourceVersion }, { configuration }) => {
      expect(resourceVersion).toBe('c1');
      expect(entries).toEqual(configuration?.entries.map(({ name }) => name));
      expect(configuration?.entries.every((entry) => entry.caBundle === caBundle)).toBe(false);
    });
  });

  test('writes at most one active and one pending CA, no other CA with a key, and each CA once', () => {
    checkActions(SECRET_ACTIONS, (action) => {
      const added = action.do === 'add-ca' ? [action.state] : [];
      const states = [...added, ...action.cas.map(({ state }) => state)];
      for (const state of ['active', 'pending']) {
        expect(states.filter((other) => other === state).length).toBeLessThanOrEqual(1);
      }
      for (const ca of action.cas) expect('key' in ca).toBe(ca.state === 'active' || ca.state === 'pending');
      expect(new Set(action.cas.map(({ fingerprint }) => fingerprint)).size).toBe(action.cas.length);
      expect(action.resourceVersion).toBe('s1');
    });
  });

  test('removes only CAs that are retired and no longer needed, and lets no former CA sign again', () => {
    checkActions(SECRET_ACTIONS, ({ cas }, observation) => {
      for (const before of knownIn(observation).values()) {
        const after = cas.find(({ fingerprint }) => fingerprint === before.fingerprint);
        expect(NEXT_STATES[before.state]).toContain(after?.state);
        if (!after) expect(live(observation).map(({ fingerprint }) => fingerprint)).not.toContain(before.fingerprint);
        // `since` must be kept, because it decides how long the CA is needed.
        else if (after.state === before.state) expect(after).toEqual(before);
      }
    });
  });

  test('signs only with the active CA, if it is valid and in every entry', () => {
    checkActions(['issue-serving'], ({ ca }, observation) => {
      expect(knownIn(observation).get(ca.fingerprint)).toEqual({ ...ca, state: 'active' });
      expect(ca.notAfter.getTime()).toBeGreaterThan(NOW.getTime());
      for (const { cas } of observation.configuration?.entries ?? []) {
        expect(cas.map(({ fingerprint }) => fingerprint)).toContain(ca.fingerprint);
      }
    });
  });

  test('issues a CA that signs immediately only if clients trust no other CA', () => {
    checkActions(['add-ca'], ({ state }, observation) => {
      const known = knownIn(observation);
      const trusted = live(observation).filter(({ fingerprint, notAfter }) => {
        return notAfter > NOW && known.get(fingerprint)?.state !== 'distrusted';
      });
      if (trusted.length > 0) expect(state).toBe('pending');
    });
  });

  test('comes to rest after its actions are performed', () => {
    fc.assert(
      fc.property(observations, (start) => {
        let observation = start;
        const done: string[] = [];
        for (;;) {
          const action = planRotation(observation, TIMING);
          if (action.do === 'rest' || action.do === 'wait') break;
          done.push(action.do);
          // At most a Secret, a CA, two caBundles, the promotion, a serving certificate, and the CAs found in the process.
          expect(done.length, done.join()).toBeLessThanOrEqual(8);
          observation = perform(action, observation);
        }
      }),
      { numRuns: runs(700) },
    );
  });
});

/** The situation after an action, if no time has passed. */
function perform(action: Action, observation: Observation): Observation {
  switch (action.do) {
    case 'issue-serving':
      return {
        ...observation,
        serving: { ca: action.ca, notAfter: hoursLater(1), renewAt: hoursLater(0.5) },
      };
    case 'create-secret':
      return { ...observation, secret: { resourceVersion: 's1', cas: [], refused: [] } };
    case 'add-ca':
    case 'write-secret': {
      const added: CA[] =
        action.do === 'add-ca' ? [{ ...namedCA('n'), state: action.state, since: NOW, key: 'key of n' }] : [];
      // Reading the Secret drops expired CAs.
      const cas = [...action.cas, ...added].filter(({ notAfter }) => notAfter > NOW);
      return { ...observation, secret: { resourceVersion: 's1', cas, refused: [] } };
    }
    case 'write-bundle': {
      const all = [...live(observation), ...knownIn(observation).values(), ...servingCAs(observation)];
      const cas = namesIn(action.caBundle).flatMap((name) => all.find(({ fingerprint }) => fingerprint === name) ?? []);
      const entries = action.entries.map((name) => ({ name, caBundle: action.caBundle, cas }));
      return { ...observation, configuration: { resourceVersion: 'c1', entries } };
    }
    default:
      return observation;
  }
}

function servingCAs({ serving }: Observation): readonly CACertificate[] {
  return serving ? [serving.ca] : [];
}
