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

/** The kubelet updates a Secret in a volume when it syncs the Pod, every 60 to 90 s. */
const MOUNT_TIMEOUT_MS = 3 * 60_000;

/** Makes cert-manager reissue a Certificate of the release, as `cmctl renew` does; resolves when it is issued. */
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

/** Resolves when every Pod serves the certificate in the Secret. */
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

/** Returns when the serving certificate expires, according to a Pod's metrics. */
function servedUntilMs(page: string): number | undefined {
  const [sample] = samplesOf(page, 'gateway_name_webhook_certificate_not_after_timestamp_seconds').filter(
    ({ labels }) => labels['certificate'] === 'serving',
  );
  return sample && sample.value * 1000;
}
