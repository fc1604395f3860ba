import { createHash } from 'node:crypto';
import { type MissingRight, resourceOf } from '../objects/right.ts';

/** Permissions that are the same for several resources. */
interface RightsTogether {
  readonly verbs: readonly string[];
  /** As kubectl writes them: `pods`, `poddisruptionbudgets.policy`, `pods/portforward`. */
  readonly resources: readonly string[];
  readonly namespace: string | undefined;
}

const WORDS = new Intl.ListFormat('en-US');

/** Lists permissions in a sentence: `list pods and services in all namespaces`. */
export function rightsInWords(missing: readonly MissingRight[]): string {
  const { namespaced = [], others = [] } = Object.groupBy(missing, (right) =>
    right.namespaced ? 'namespaced' : 'others',
  );
  const byWords = Map.groupBy(together(namespaced), words);
  const phrases = [...byWords].map(([what, places]) => `${what} ${where(places.map(({ namespace }) => namespace))}`);
  return [...phrases, ...together(others).map(words)].join(', or to ');
}

function words({ verbs, resources }: RightsTogether): string {
  return `${WORDS.format(verbs)} ${WORDS.format(resources)}`;
}

function where(namespaces: readonly (string | undefined)[]): string {
  const named = namespaces.filter((namespace) => namespace !== undefined);
  if (named.length === 0) return 'in all namespaces';
  return `in the ${named.length === 1 ? 'namespace' : 'namespaces'} ${WORDS.format(named)}`;
}

/** The commands that grant exactly these permissions to a user or a ServiceAccount: a role and a binding each. */
export function grantCommands(command: string, missing: readonly MissingRight[], username: string): string[] {
  const account = /^system:serviceaccount:([^:]+:[^:]+)$/.exec(username)?.[1];
  const who = account ?? username;
  const subject = `--${account === undefined ? 'user' : 'serviceaccount'}=${who}`;
  return together(missing).flatMap((rights) => {
    const kind = rights.namespace === undefined ? 'clusterrole' : 'role';
    const scope = rights.namespace === undefined ? [] : ['-n', rights.namespace];
    // kubectl grants each verb for each resource, so there is one role for each combination.
    const granted = [`--verb=${rights.verbs}`, `--resource=${rights.resources}`];
    // The name depends on the user and permissions: a role of the same name is the same role, so commands never conflict.
    const hash = createHash('sha256')
      .update([who, ...granted].join())
      .digest('hex')
      .slice(0, 6);
    const name = `gateway-name-webhook-${command}-${who.replaceAll(/[^\w.:@-]/g, '-')}-${hash}`;
    return [
      ['kubectl', 'create', kind, ...scope, name, ...granted],
      ['kubectl', 'create', `${kind}binding`, ...scope, name, `--${kind}=${name}`, subject],
    ].map((args) => args.map(quoted).join(' '));
  });
}

/** Groups resources with the same missing verbs in the same namespace. */
function together(missing: readonly MissingRight[]): RightsTogether[] {
  const groups = new Map<string, RightsTogether>();
  for (const { namespace, ...right } of missing) {
    const resource = resourceOf(right);
    const ofResource = missing.filter((other) => other.namespace === namespace && resourceOf(other) === resource);
    const verbs = ofResource.map(({ verb }) => verb);
    const key = `${namespace ?? ''} ${verbs}`;
    const resources = new Set(groups.get(key)?.resources).add(resource);
    groups.set(key, { verbs, resources: [...resources], namespace });
  }
  return [...groups.values()];
}

/** Quotes a word for a shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
