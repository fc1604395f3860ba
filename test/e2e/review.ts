import { NAME } from './installation.ts';
import { kubectlJson } from './program.ts';

/** A script for a Pod: posts a review to the webhook as the API server does, and prints the answer. Works without DNS. */
export const POST_REVIEW = `
  import { request } from 'node:https';
  import { text } from 'node:stream/consumers';
  const [address, servername, ca, review] = process.argv.slice(1);
  const headers = { 'content-type': 'application/json' };
  const options = { host: address, port: 443, path: '/mutate?timeout=2s', method: 'POST', servername, ca, headers };
  request(options, async (response) => {
    console.log(await text(response));
    process.exitCode = response.statusCode === 200 ? 0 : 1;
  }).end(review);
`;

interface Configuration {
  readonly webhooks: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
}

/** Returns what a client of the webhook needs: the Service's address and name, and the CAs in the caBundle. */
export async function clientOf(): Promise<{ address: string; name: string; ca: string }> {
  const service = await kubectlJson<{ spec: { clusterIP: string } }>(['get', 'service', NAME, '--namespace', NAME]);
  // By label, because the name depends on the values.
  const { items } = await kubectlJson<{ items: readonly Configuration[] }>([
    ...['get', 'mutatingwebhookconfigurations', '--selector', `app.kubernetes.io/instance=${NAME}`],
  ]);
  const [entry] = items.flatMap(({ webhooks }) => webhooks);
  const ca = Buffer.from(entry?.clientConfig.caBundle ?? '', 'base64').toString();
  return { address: service.spec.clusterIP, name: `${NAME}.${NAME}.svc`, ca };
}
