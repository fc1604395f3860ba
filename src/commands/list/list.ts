import { gatherInfrastructure } from '../../objects/infrastructure.ts';
import type { Scope } from '../../objects/scope.ts';
import type { Context } from '../context.ts';
import type { ObjectOutput } from '../options/output-forms.ts';
import { LIST_NAMESPACES, LIST_RIGHTS } from '../options/rights.ts';
import type { ScopeTexts } from '../options/scope-options.ts';
import { withObjects } from '../options/scoped-cluster.ts';
import { write } from '../output/write.ts';
import { parseGateway } from './gateway-argument.ts';
import { formatInfrastructure } from './report.ts';

export interface ListTexts extends ScopeTexts {
  readonly output: ObjectOutput;
  /** Whether a table has a header. */
  readonly headers: boolean;
}

/** Prints what was generated for Gateways, or for one of them. Returns the exit code. */
export async function list(gateway: string | undefined, texts: ListTexts, context: Context): Promise<0> {
  const wanted = gateway === undefined ? undefined : parseGateway(gateway);
  const rights = texts.namespaceSelector ? [...LIST_RIGHTS, LIST_NAMESPACES] : LIST_RIGHTS;
  const { environment } = context;
  await withObjects(texts, { command: 'list', rights, environment }, async ({ store, scope }) => {
    const infrastructure = await gatherInfrastructure(store, scope, wanted);
    for (const text of formatInfrastructure(infrastructure, texts, new Date())) {
      await write(context.stdout, text);
    }
    // As in kubectl: the other forms print an empty result.
    if (infrastructure.length === 0 && texts.output === 'table') context.stderr.write(`${noneFound(gateway, scope)}\n`);
  });
  return 0;
}

function noneFound(gateway: string | undefined, { namespaces, namespaceSelector }: Scope): string {
  const what = `objects generated for ${gateway === undefined ? 'Gateways' : `Gateway ${gateway}`}`;
  if (namespaceSelector !== '') return `No ${what} found in namespaces with ${namespaceSelector}.`;
  if (namespaces.length === 0) return `No ${what} found.`;
  return `No ${what} found in ${namespaces.join(', ')} namespace${namespaces.length === 1 ? '' : 's'}.`;
}
