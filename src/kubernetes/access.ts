import type { MissingRight, Right } from '../objects/right.ts';
import type { ApiClient } from './api-client.ts';
import { ApiError } from './api-error.ts';
import { grantCommands, rightsInWords } from './grants.ts';

export interface NeededRights {
  /** The command that needs them, such as `audit`. */
  readonly command: string;
  readonly rights: readonly Right[];
  /** Empty: all of them. */
  readonly namespaces: readonly string[];
}

/** Permissions of a command are missing. The message lists them, and the commands that grant them. */
export class NoAccess extends Error {
  override readonly name = 'NoAccess';
  /** The code of the ApiError that it explains. */
  readonly code = 403;
}

/** What is read of the answers to reviews (authorization.k8s.io/v1, authentication.k8s.io/v1). */
interface SelfSubjectAccessReview {
  readonly status: { readonly allowed: boolean };
}

interface SelfSubjectReview {
  readonly status: { readonly userInfo: { readonly username: string } };
}

/** Asks the API server which of these permissions the user is missing. Rejects with an ApiError if it does not answer. */
export async function missingRights(
  client: ApiClient,
  rights: readonly Right[],
  namespaces: readonly string[],
): Promise<MissingRight[]> {
  const missing: MissingRight[] = [];
  const everywhere = namespaces.length === 0 ? [undefined] : namespaces;
  for (const right of rights) {
    for (const namespace of right.namespaced ? everywhere : [undefined]) {
      if (!(await isAllowed(client, { ...right, namespace }))) missing.push({ ...right, namespace });
    }
  }
  return missing;
}

interface Group {
  readonly versions: readonly { readonly groupVersion: string }[];
}

interface Resources {
  readonly resources: readonly { readonly name: string }[];
}

/** Whether the API server serves a resource in any version: kubectl cannot grant access to others. True if unknown. */
export async function isServed(client: ApiClient, { group, resource }: Right): Promise<boolean> {
  if (group === '') return true;
  const served = await client.get<Group>({ path: `/apis/${group}` });
  if (!served) return true;
  const lists = await Promise.all(
    served.versions.map(({ groupVersion }) => client.get<Resources>({ path: `/apis/${groupVersion}` })),
  );
  return lists.some((list) => !list || list.resources.some(({ name }) => name === resource));
}

/**
 * Returns the result of `act`. If it is forbidden because of missing permissions, rejects with a NoAccess; if none of them is
 * missing, or that cannot be determined, with the API server's own error.
 */
export async function withRights<T>(client: ApiClient, needed: NeededRights, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof ApiError && error.code === 403) throw await explained(client, needed, error);
    throw error;
  }
}

async function explained(client: ApiClient, needed: NeededRights, forbidden: ApiError): Promise<Error> {
  try {
    const missing = await missingRights(client, needed.rights, needed.namespaces);
    if (missing.length === 0) return forbidden;
    const { username } = await selfSubject(client);
    const commands = grantCommands(needed.command, missing, username).map((command) => `\n  ${command}`);
    return new NoAccess(
      `User "${username}" is not allowed to ${rightsInWords(missing)}. Ask a cluster admin to run:${commands.join('')}`,
      { cause: forbidden },
    );
  } catch {
    return forbidden;
  }
}

async function isAllowed(client: ApiClient, { namespaced: _, ...resourceAttributes }: MissingRight): Promise<boolean> {
  const review = await client.create<SelfSubjectAccessReview>(
    { path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews' },
    { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
  );
  return review.status.allowed;
}

/** The user as the API server identifies it. */
export async function selfSubject(client: ApiClient): Promise<{ readonly username: string }> {
  const review = await client.create<SelfSubjectReview>(
    { path: '/apis/authentication.k8s.io/v1/selfsubjectreviews' },
    { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  );
  return review.status.userInfo;
}
