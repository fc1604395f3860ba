import { POLL_MS as CLIENT_CA_POLL_MS } from '../../src/certificates/client-ca.ts';
import { leavesAt, TIMING } from '../../src/certificates/timing.ts';
import { DEFAULT_QPS } from '../../src/commands/backfill/command.ts';
import { ROTATE_TIMEOUT_MS } from '../../src/commands/certs/command.ts';
import { OVERDUE_MS } from '../../src/doctor/lifetimes.ts';
import { HANDSHAKE_TIMEOUT_MS, MOST_CONNECTIONS, REQUEST_TIMEOUT_MS } from '../../src/server/admission-server.ts';
import { MOST_REQUESTS_OF_A_CONNECTION } from '../../src/server/connections.ts';
import { RATE } from '../../src/server/line-limiter.ts';
import { BODY_LIMIT, BYTES_A_TURN } from '../../src/server/review-body.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const KIB = 1024;
const MIB = 1024 * KIB;

/** A limit, interval or lifetime that a page promises, as its numbers in a sentence. */
export interface PromisedNumber {
  readonly path: string;
  readonly sentence: RegExp;
  readonly numbers: readonly number[];
}

const { caLifetimeMs, servingLifetimeMs, propagationMs, clockSkewMs, pollMs } = TIMING;

const RETIRED_FOR_MS = leavesAt({ since: new Date(0), notAfter: new Date(caLifetimeMs) }, TIMING).getTime();

const CERTIFICATES: readonly Omit<PromisedNumber, 'path'>[] = [
  {
    sentence: /valid for (\d+) hours and renewed after (\d+)/,
    numbers: [servingLifetimeMs / HOUR_MS, ((servingLifetimeMs / HOUR_MS) * 2) / 3],
  },
  { sentence: /every (\d+) to (\d+) seconds/, numbers: [(0.8 * pollMs) / SECOND_MS, pollMs / SECOND_MS] },
  { sentence: /after (\d+) seconds in the caBundle/, numbers: [propagationMs / SECOND_MS] },
  { sentence: /for (\d+) hours\. By then, none of its certificates/, numbers: [RETIRED_FOR_MS / HOUR_MS] },
  { sentence: /leaves the caBundle automatically after (\d+) hours/, numbers: [RETIRED_FOR_MS / HOUR_MS] },
  { sentence: /certificates allow (\d+) h:/, numbers: [clockSkewMs / HOUR_MS] },
  { sentence: /`--timeout` \((\d+) minutes\)/, numbers: [ROTATE_TIMEOUT_MS / MINUTE_MS] },
  { sentence: /A changed file takes effect within (\d+) seconds/, numbers: [CLIENT_CA_POLL_MS / SECOND_MS] },
];

const SECURITY: readonly Omit<PromisedNumber, 'path'>[] = [
  { sentence: /repeated lines are limited to (\d+) a second/, numbers: [RATE.perSecond] },
  { sentence: /at most (\d+) are open\. Beyond that/, numbers: [MOST_CONNECTIONS] },
  { sentence: /A handshake may take (\d+) seconds/, numbers: [HANDSHAKE_TIMEOUT_MS / SECOND_MS] },
  {
    sentence: /bodies are limited to (\d+) MiB and read as a stream, (\d+) KiB at a time/,
    numbers: [BODY_LIMIT / MIB, BYTES_A_TURN / KIB],
  },
  { sentence: /with more than (\d+) requests in flight/, numbers: [MOST_REQUESTS_OF_A_CONNECTION] },
  { sentence: /plus one second, and within (\d+) seconds/, numbers: [REQUEST_TIMEOUT_MS / SECOND_MS] },
];

const EXPIRING: readonly Omit<PromisedNumber, 'path'>[] = [
  {
    sentence: /\| `self` \| (\d+) hours left \| (\d+) hours \|/,
    numbers: [servingLifetimeMs / 3, OVERDUE_MS.self.serving].map((ms) => ms / HOUR_MS),
  },
  {
    sentence: /\| `self` \|[^\n]*? (\d+) days left \| (\d+) days \|/,
    numbers: [caLifetimeMs / 3, OVERDUE_MS.self.ca].map((ms) => Math.ceil(ms / DAY_MS)),
  },
  {
    sentence: /\| `cert-manager` \| \d+ days left \| (\d+) days/,
    numbers: [OVERDUE_MS['cert-manager'].serving / DAY_MS],
  },
  { sentence: /mounted up to \d+ days later \| (\d+) days/, numbers: [OVERDUE_MS['cert-manager'].ca / DAY_MS] },
  { sentence: /`providedDaysLeft`, (\d+) days/, numbers: [OVERDUE_MS.provided.serving / DAY_MS] },
];

export const PROMISED_NUMBERS: readonly PromisedNumber[] = [
  ...CERTIFICATES.map((number) => ({ path: 'docs/certificates.md', ...number })),
  ...SECURITY.map((number) => ({ path: 'docs/security.md', ...number })),
  ...EXPIRING.map((number) => ({ path: 'docs/runbooks.md', ...number })),
  {
    path: 'docs/architecture.md',
    sentence: /the same loop every (\d+) to (\d+) seconds/,
    numbers: [(0.8 * pollMs) / SECOND_MS, pollMs / SECOND_MS],
  },
  { path: 'docs/existing-objects.md', sentence: /Writes at most (\d+) objects a second/, numbers: [DEFAULT_QPS] },
  {
    path: 'docs/reference.md',
    sentence: /At most (\d+) lines with one reason are logged at once, and (\d+) a second/,
    numbers: [RATE.burst, RATE.perSecond],
  },
];
