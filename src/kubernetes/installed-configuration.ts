import type { WebhookConfiguration } from '../installation/configuration.ts';
import { PROVIDED } from '../installation/release-name.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';

const PATH = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** Reads a MutatingWebhookConfiguration, of this name or of that which mode `provided` gives it; undefined: there is none. */
export async function readInstalledConfiguration(
  client: ApiClient,
  name: string,
): Promise<WebhookConfiguration | undefined> {
  const stored = await client.get<WebhookConfiguration>({ path: `${PATH}/${name}` });
  if (stored) return stored;
  try {
    return await client.get<WebhookConfiguration>({ path: `${PATH}/${name}${PROVIDED}` });
  } catch (error) {
    // Who may read the one that was named, and no other, knows that there is none.
    if (error instanceof ApiError && error.code === 403) return undefined;
    throw error;
  }
}
