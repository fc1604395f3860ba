import { readFile } from 'node:fs/promises';
import { eventually } from './eventually.ts';
import { cluster } from './kubectl.ts';

/** What is read of an audit event (`audit.k8s.io/v1`). */
interface AuditEvent {
  readonly verb: string;
  readonly objectRef: { readonly namespace: string; readonly resource: string; readonly name: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Returns what the API server's audit log says of the creation of an object, dry runs included. */
export function auditAnnotations(resource: string, namespace: string, name = 'eg'): Promise<Record<string, string>> {
  // The API server may answer before it writes.
  return eventually(`the audit event of ${resource} ${namespace}/${name}`, async () => {
    const lines = (await readFile(cluster().auditLog, 'utf8')).split('\n').slice(0, -1);
    const events = lines.map((line): AuditEvent => JSON.parse(line));
    const creation = events.find(
      ({ verb, objectRef }) =>
        verb === 'create' &&
        objectRef.resource === resource &&
        objectRef.namespace === namespace &&
        objectRef.name === name,
    );
    return creation && { ...creation.annotations };
  });
}
