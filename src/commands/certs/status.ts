import { shortened } from '../../certificates/ca.ts';
import { timeLeft } from '../../certificates/time-left.ts';
import { TIMING } from '../../certificates/timing.ts';
import { readTrust } from '../../certificates/trust-reading.ts';
import type { Judgement } from '../../doctor/check.ts';
import { reportTrust, type TrustReport } from '../../doctor/trust-report.ts';
import type { Context } from '../context.ts';
import type { StatusOutput } from '../options/output-forms.ts';
import { formatDocument } from '../output/structured-output.ts';
import { formatTable } from '../output/table.ts';
import type { InstalledCertificates } from './installation.ts';

/** Prints which CAs and serving certificates there are. Returns the exit code: 0, or 1 when something is wrong with them. */
export async function certsStatus(
  { store, served }: InstalledCertificates,
  output: StatusOutput,
  context: Context,
): Promise<0 | 1> {
  const [{ secret, configuration, now }, services] = await Promise.all([readTrust(store), served()]);
  const { entries } = configuration;
  const report = reportTrust({ ...secret, entries, services, now }, TIMING);
  const text = output === 'table' ? formatReport(report, entries.length, now) : formatDocument(output, asJson(report));
  context.stdout.write(text);
  return report.problems.length > 0 ? 1 : 0;
}

/** Dates as text, in YAML as well. */
function asJson(report: TrustReport): object {
  return JSON.parse(JSON.stringify(report));
}

/** The report as people read it. */
function formatReport({ cas, serving, next, problems }: TrustReport, entries: number, now: Date): string {
  const caTable = [
    ['CA', 'STATE', 'EXPIRES', 'LEFT', 'IN CABUNDLE'],
    ...cas.map(({ fingerprint, state, notAfter, inCABundles }) => [
      shortened(fingerprint),
      state,
      iso(notAfter),
      timeLeft(notAfter, now),
      inCABundles === 0 ? 'no' : inCABundles === entries ? 'yes' : `${inCABundles} of ${entries}`,
    ]),
  ];
  const servingTable = [
    ['POD', 'SERVES', 'EXPIRES', 'LEFT', 'CA', 'TRUSTED'],
    ...serving.map((one) =>
      'problem' in one
        ? [one.pod, 'unknown']
        : [
            one.pod,
            shortened(one.fingerprint),
            iso(one.notAfter),
            timeLeft(one.notAfter, now),
            one.ca === undefined ? 'unknown' : shortened(one.ca),
            one.trusted ? 'yes' : 'no',
          ],
    ),
  ];
  return [
    formatTable(caTable),
    formatTable(servingTable),
    ...(next.length > 0 ? [`Next\n${next.map(({ at, event }) => `  ${iso(at)}  ${event}\n`).join('')}`] : []),
    ...(problems.length > 0 ? [`Problems\n${problems.map(formatProblem).join('')}`] : []),
  ].join('\n');
}

/** A line, and below it what to do. */
function formatProblem({ message, details = [], advice }: Judgement): string {
  const below = [...details, ...(advice === undefined ? [] : [advice])];
  return [`  ${message}`, ...below.map((line) => `    ${line}`), ''].join('\n');
}

function iso(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
