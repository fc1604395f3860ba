import { describe, expect, test } from 'vitest';
import { readAdmissionCounters, readPolicyCounters } from '../../src/kubernetes/admission-counters.ts';
import { clientOf, status } from '../support/api-client.ts';

/** The API server's format. */
const METRICS = `# HELP apiserver_admission_webhook_fail_open_count [ALPHA] Admission webhook fail open count
# TYPE apiserver_admission_webhook_fail_open_count counter
apiserver_admission_webhook_fail_open_count{name="a",type="admit"} 2
apiserver_admission_webhook_fail_open_count{name="other",type="admit"} 5
apiserver_admission_webhook_request_total{code="200",name="a",operation="CREATE",rejected="false",type="admit"} 3
apiserver_admission_webhook_request_total{code="200",name="a",operation="UPDATE",rejected="false",type="admit"} 4
apiserver_admission_webhook_request_total{code="500",name="a",operation="CREATE",rejected="false",type="admit"} 1e+01
apiserver_admission_webhook_request_total{code="200",name="aa",operation="CREATE",rejected="false",type="admit"} 9
apiserver_admission_webhook_request_total_other{code="200",name="a"} 9
process_start_time_seconds 1.76379840012e+09
`;

describe('readAdmissionCounters()', () => {
  test('adds up the counts for each entry since the API server started', async () => {
    const { client, requests } = await clientOf(() => [200, METRICS]);
    expect(await readAdmissionCounters(client, ['a', 'b'])).toEqual({
      since: '2025-11-22T08:00:00Z',
      entries: [
        { name: 'a', failOpens: 2, calls: { 200: 7, 500: 10 } },
        { name: 'b', failOpens: 0, calls: {} },
      ],
    });
    expect(requests).toMatchObject([{ method: 'GET', path: '/metrics', headers: { accept: 'text/plain' } }]);
  });

  test('reports the missing permission', async () => {
    const { client } = await clientOf(() => status(403, 'forbidden'));
    await expect(readAdmissionCounters(client, [])).rejects.toMatchObject({
      name: 'NoAccess',
      message: expect.stringMatching(
        / get \/metrics from the API server.*\n {2}kubectl create clusterrolebinding .*--clusterrole=system:m/,
      ),
      cause: { code: 403 },
    });
  });

  test('rejects with other errors', async () => {
    const { client } = await clientOf(() => [500, 'an answer']);
    await expect(readAdmissionCounters(client, [])).rejects.toThrow(
      'The API server refused GET /metrics: HTTP status 500 an answer',
    );
  });

  test('returns no start time if the API server does not report it', async () => {
    const { client } = await clientOf(() => [200, '']);
    await expect(readAdmissionCounters(client, [])).rejects.toThrow('process_start_time_seconds');
  });
});

describe('readPolicyCounters()', () => {
  test('returns how often a policy was used, by outcome', async () => {
    const sample = (policy: string, error: string, count: number) =>
      `apiserver_mutating_admission_policy_check_total{error_type="${error}",policy="${policy}",policy_binding="b"} ${count}\n`;
    const { client } = await clientOf(() => [
      200,
      METRICS + sample('mine', 'no_error', 3) + sample('mine', 'invalid_error', 1) + sample('other', 'no_error', 7),
    ]);
    const uses = { no_error: 3, invalid_error: 1 };
    expect(await readPolicyCounters(client, 'mine')).toEqual({ since: '2025-11-22T08:00:00Z', uses });
    expect(await readPolicyCounters(client, 'unused')).toMatchObject({ uses: {} });
  });
});
