import type { Engine } from '../installation/engine.ts';
import { objectsName } from '../installation/release-name.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { readInstalledConfiguration } from './installed-configuration.ts';
import { readPolicies } from './policies.ts';

/**
 * Tells what labels new objects, by the name that a release's objects have: in certificate mode `provided` the configuration's
 * has an ending. Undefined where it cannot be read: who asks wants to know something else in the first place.
 */
export async function readInstalledEngine(client: ApiClient, name: string): Promise<Engine | undefined> {
  try {
    const [configuration, policies] = await Promise.all([
      readInstalledConfiguration(client, name),
      readPolicies(client, objectsName(name)),
    ]);
    if (policies.length === 0) return configuration ? 'webhook' : 'none';
    return configuration ? 'both' : 'policy';
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
