import { type Answer, callApi } from '../cluster/api.ts';
import { eventually } from '../cluster/eventually.ts';
import { kubectl } from '../cluster/kubectl.ts';
import { Release, type ReleaseName, type Values } from './helm.ts';
import { newRelease } from './installed.ts';

/** A request to the API server. */
export interface Attempt {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** The content type; by default JSON. */
  readonly type?: string;
}

/** A release with heal in all namespaces. Its ServiceAccount is cluster-admin, so only the guard restricts it. */
export class Guarded implements AsyncDisposable {
  readonly release: ReleaseName;
  readonly #installed: Release;
  readonly #token: string;

  private constructor(installed: Release, token: string) {
    this.release = installed.release;
    this.#installed = installed;
    this.#token = token;
  }

  /** Installs the release, and waits until the API server enforces the guard. */
  static async install(values: Values): Promise<Guarded> {
    const release = await newRelease();
    const heal = { schedule: '@hourly', allNamespaces: true };
    const installed = await Release.install(release, { heal, ...values });
    const [{ name, namespace }, account] = [release, healOf(release)];
    const subject = `--serviceaccount=${namespace}:${account}`;
    await kubectl(['create', 'clusterrolebinding', `${name}-everything`, '--clusterrole=cluster-admin', subject]);
    const token = await kubectl(['create', 'token', account, '-n', namespace]);

    const guarded = new Guarded(installed, token.trim());
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    const attempt = asDryRun({ method: 'POST', path, body: { metadata: { name: 'probe' } } });
    await eventually('the guard', async () => guarded.denialIn(await guarded.call(attempt)));
    return guarded;
  }

  /** The name of heal's objects. */
  get heal(): string {
    return healOf(this.release);
  }

  /** Calls the API server with heal's token. */
  call({ method, path, body, type }: Attempt): Promise<Answer> {
    return callApi(method, path, body, {
      authorization: `Bearer ${this.#token}`,
      ...(type !== undefined && { 'content-type': type }),
    });
  }

  /** The guard's message in an answer; undefined if the guard did not deny the request. */
  denialIn({ status, body }: Answer): string | undefined {
    const { message = '' } = body as { readonly message?: string };
    const [, says] = message.split(
      `ValidatingAdmissionPolicy '${this.heal}' with binding '${this.heal}' denied request: `,
    );
    return status === 403 ? says : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await kubectl(['delete', 'clusterrolebinding', `${this.release.name}-everything`]);
    await this.#installed.uninstall();
  }
}

function healOf({ name }: ReleaseName): string {
  return `${name}-gateway-name-webhook-heal`;
}

/** The same request as a dry run. */
export function asDryRun<T extends Attempt>(attempt: T): T {
  return { ...attempt, path: `${attempt.path}${attempt.path.includes('?') ? '&' : '?'}dryRun=All` };
}
