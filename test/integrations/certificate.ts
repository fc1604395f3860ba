import { X509Certificate } from 'node:crypto';
import { samplesOf } from '../../src/kubernetes/prometheus-text.ts';
import { eventually } from '../cluster/eventually.ts';
import type { ApiServer } from '../e2e/api-server.ts';
import { NAME, webhookPods } from '../e2e/installation.ts';
import { podMetrics } from '../e2e/pod-metrics.ts';
import { kubectl, kubectlJson } from '../e2e/program.ts';

interface Certificate {
  readonly spec: { readonly secretName: string };
  readonly status: { readonly revision: number; readonly conditions: readonly { readonly type: string }[] };
}

/** A kubelet writes a changed Secret into a volume with its next look at the Pod: every minute, and up to half of that later. */
const MOUNT_TIMEOUT_MS = 3 * 60_000;

/** Lets cert-manager issue a Certificate of the release anew, as `cmctl renew` does; resolves when it has. */
export async function renew(name: string): Promise<void> {
  const selected = ['certificate', name, '--namespace', NAME];
  const { status } = await kubectlJson<Certificate>(['get', ...selected]);
  const condition = {
    type: 'Issuing',
    status: 'True',
    reason: 'ManuallyTriggered',
    message: 'Certificate re-issuance manually triggered',
    lastTransitionTime: new Date().toISOString(),
  };
  const patch = [{ op: 'add', path: '/status/conditions/-', value: condition }];
  await kubectl(['patch', ...selected, '--subresource=status', '--type=json', '--patch', JSON.stringify(patch)]);
  await eventually(`Certificate ${name} to be issued again`, async () => {
    const { status: now } = await kubectlJson<Certificate>(['get', ...selected]);
    const issuing = now.conditions.some(({ type }) => type === 'Issuing');
    return (now.revision > status.revision && !issuing) || undefined;
  });
}

/** Resolves when every Pod serves the certificate that the Secret holds. */
export async function untilServed(api: ApiServer): Promise<void> {
  const { spec } = await kubectlJson<Certificate>(['get', 'certificate', NAME, '--namespace', NAME]);
  const secret = await kubectlJson<{ data: Record<string, string> }>([
    ...['get', 'secret', spec.secretName, '--namespace', NAME],
  ]);
  const issued = new X509Certificate(Buffer.from(secret.data['tls.crt'] ?? '', 'base64')).validToDate.getTime();
  await eventually(
    'every Pod to serve the new certificate',
    async () => {
      const pages = await Promise.all((await webhookPods()).map((pod) => podMetrics(api, pod)));
      return pages.every((page) => servedUntilMs(page) === issued) || undefined;
    },
    MOUNT_TIMEOUT_MS,
  );
}

/** When the certificate expires that a metrics page tells of. */
function servedUntilMs(page: string): number | undefined {
  const [sample] = samplesOf(page, 'gateway_name_webhook_certificate_not_after_timestamp_seconds').filter(
    ({ labels }) => labels['certificate'] === 'serving',
  );
  return sample && sample.value * 1000;
}
