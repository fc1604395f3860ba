import { readFile } from 'node:fs/promises';
import { eventually } from './eventually.ts';
import { cluster } from './kubectl.ts';

/** What is read of an audit event (`audit.k8s.io/v1`). */
interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef: { readonly namespace: string; readonly resource: string; readonly name: string };
  readonly responseStatus: { readonly code: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Returns what the API server's audit log says of the creation of an object, dry runs included. */
export function auditAnnotations(resource: string, namespace: string, name = 'eg'): Promise<Record<string, string>> {
  // The API server may answer before it writes.
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
 * Returns how often the program has patched each object of some namespaces, dry runs apart, by what the API server answered:
 * `pods a-namespace/a-pod 200`. Waits until its log has as many patches as there are said to be, at least.
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
