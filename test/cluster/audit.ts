import { readFile } from 'node:fs/promises';
import { eventually } from './eventually.ts';
import { cluster } from './kubectl.ts';

/** The fields of an audit event (`audit.k8s.io/v1`) that the tests read. */
interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef: { readonly namespace: string; readonly resource: string; readonly name: string };
  readonly responseStatus: { readonly code: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Returns the annotations of an object's creation, or of its dry run, in the API server's audit log. */
export function auditAnnotations(resource: string, namespace: string, name = 'eg'): Promise<Record<string, string>> {
  // The API server may answer a request before it writes the event.
  return eventually(`the audit event of ${resource} ${namespace}/${name}`, async () => {
    const creation = (await auditEvents(cluster().auditLog)).find(
      ({ verb, objectRef }) =>
        verb === 'create' &&
        objectRef.resource === resource &&
        objectRef.namespace === namespace &&
        objectRef.name === name,
    );
    return creation && { ...creation.annotations };
  });
}

/**
 * Returns how often the program has patched each object in some namespaces, by the status of the answer:
 * `pods a-namespace/a-pod 200`. Ignores dry runs. Waits until the log has at least `atLeast` patches.
 */
export function patchesOf(
  namespaces: readonly string[],
  atLeast: number,
  auditLog = cluster().auditLog,
): Promise<Map<string, number>> {
  return eventually(`the audit events of ${atLeast} patches`, async () => {
    const patches = (await auditEvents(auditLog)).filter(
      ({ verb, requestURI, objectRef }) =>
        verb === 'patch' &&
        requestURI.includes('fieldManager=gateway-name-webhook') &&
        !requestURI.includes('dryRun=') &&
        namespaces.includes(objectRef.namespace),
    );
    if (patches.length < atLeast) return undefined;
    const names = patches.map(
      ({ objectRef: { resource, namespace, name }, responseStatus }) =>
        `${resource} ${namespace}/${name} ${responseStatus.code}`,
    );
    return new Map([...Map.groupBy(names, (name) => name)].map(([name, { length }]) => [name, length]));
  });
}

async function auditEvents(auditLog: string): Promise<AuditEvent[]> {
  const lines = (await readFile(auditLog, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}
