import { GATEWAY_LABELS } from '../../admission/gateway.ts';
import { formatGateway } from '../../objects/gateway-reference.ts';
import type { GeneratedObject, Infrastructure } from '../../objects/infrastructure.ts';
import type { ObjectOutput } from '../options/output-forms.ts';
import { printableAge } from '../output/age.ts';
import { resourceName } from '../output/object-facts.ts';
import { documentWriter, type StructuredForm } from '../output/structured-output.ts';
import { buildTable } from '../output/table.ts';

/** Yields the text of an output piece by piece. */
export function formatInfrastructure(
  infrastructure: readonly Infrastructure[],
  { output, headers }: { readonly output: ObjectOutput; readonly headers: boolean },
  now: Date,
): Iterable<string> {
  if (output === 'table') return formatTable(infrastructure, headers, now);
  return output === 'name' ? formatNames(infrastructure) : formatDocument(infrastructure, output);
}

function* formatTable(infrastructure: readonly Infrastructure[], hasHeader: boolean, now: Date): Generator<string> {
  const { add, end } = buildTable(['GATEWAY', 'NAMESPACE', 'KIND', 'NAME', 'STANDARD', 'OWNER', 'AGE'], hasHeader);
  for (const { gateway, objects } of infrastructure) {
    for (const { namespace, kind, name, standard = '-', owner = '-', creationTimestamp } of objects) {
      const isConflict = standard !== owner && standard !== '-' && owner !== '-';
      const shown = isConflict ? `${owner} (conflict)` : owner;
      yield add([formatGateway(gateway), namespace, kind, name, standard, shown, printableAge(creationTimestamp, now)]);
    }
  }
  yield end();
}

/** As kubectl prints and takes them. */
function* formatNames(infrastructure: readonly Infrastructure[]): Generator<string> {
  for (const { objects } of infrastructure) {
    for (const { kind, name } of objects) yield `${resourceName({ kind, metadata: { name } })}\n`;
  }
}

function* formatDocument(infrastructure: readonly Infrastructure[], form: StructuredForm): Generator<string> {
  const { list, add, end } = documentWriter(form);
  yield list('gateways');
  for (const { gateway, objects } of infrastructure) yield add({ gateway, objects: objects.map(facts) });
  yield end();
}

function facts({ kind, namespace, name, standard, owner, creationTimestamp }: GeneratedObject): object {
  const labels = { [GATEWAY_LABELS.standard]: standard, [GATEWAY_LABELS.owner]: owner };
  return { kind, namespace, name, creationTimestamp, labels };
}
