import type { ApiServer } from './api-server.ts';
import { NAME, type Pod } from './installation.ts';

/** The chart's default; the API server's proxy does not accept names of a Pod's ports. */
const METRICS_PORT = 8080;

/** The metrics page of one of the webhook's Pods, through the API server. */
export async function podMetrics(api: ApiServer, { metadata: { name } }: Pod): Promise<string> {
  const { status, body } = await api.send(
    'GET',
    `/api/v1/namespaces/${NAME}/pods/${name}:${METRICS_PORT}/proxy/metrics`,
  );
  if (status !== 200) throw new Error(`Cannot read the metrics of Pod ${name}: ${status} ${body}`);
  return body;
}
