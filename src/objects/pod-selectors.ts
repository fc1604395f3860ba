import { GATEWAY_LABELS, type Label } from '../admission/gateway.ts';
import { asksFor, isSelected, type Labels } from './label-selector.ts';
import type { ObjectStore, PodSelecting, PodSelector, SelectingKind } from './object-store.ts';
import { asked, type Scope } from './scope.ts';
import type { StoredMetadata } from './stored-object.ts';

/** The API server gives it to every namespace. */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** What of a Pod selectors look at. */
type Pod = Pick<StoredMetadata, 'namespace' | 'labels'>;

/** What a new label does to a Pod: something begins or ceases to select it. */
export interface Wake {
  readonly by: PodSelecting;
  readonly effect: 'begins' | 'ceases';
}

/** Everything of a scope that selects Pods by labels, read once. */
export class PodSelectors {
  readonly #selecting: readonly PodSelecting[];
  readonly #namespaceLabels: ReadonlyMap<string, Labels>;

  private constructor(selecting: readonly PodSelecting[], namespaceLabels: ReadonlyMap<string, Labels>) {
    this.#selecting = selecting;
    this.#namespaceLabels = namespaceLabels;
  }

  /** Reads what selects Pods. What asks for neither label matters only where it is counted: of PodDisruptionBudgets. */
  static async read(store: ObjectStore, scope: Scope, kinds: readonly SelectingKind[]): Promise<PodSelectors> {
    const selecting: PodSelecting[] = [];
    for (const kind of kinds) {
      for (const namespace of asked(scope)) {
        for await (const one of store.podSelecting(kind, namespace)) {
          const selectors = kind === 'PodDisruptionBudget' ? one.selectors : one.selectors.filter(asksForGateway);
          if (selectors.length > 0) selecting.push({ ...one, selectors });
        }
      }
    }
    const isAcross = selecting.some(({ selectors }) => selectors.some(({ namespaces }) => namespaces !== undefined));
    return new PodSelectors(selecting, isAcross ? await readNamespaces(store, scope) : new Map());
  }

  /** What a label would do to a Pod. */
  wakes(pod: Pod, { key, value }: Label): Wake[] {
    const labelled = { ...pod, labels: { ...pod.labels, [key]: value } };
    return this.#selecting.flatMap((by) => {
      // Each by itself: a NetworkPolicy that is for a Pod already may begin to let it in as a peer.
      const effects = by.selectors.flatMap((selector): Wake['effect'][] => {
        const after = this.#isSelected(labelled, by, selector);
        if (after === this.#isSelected(pod, by, selector)) return [];
        return [after ? 'begins' : 'ceases'];
      });
      return [...new Set(effects)].map((effect) => ({ by, effect }));
    });
  }

  /** The PodDisruptionBudgets that select a Pod. The eviction of one that several select always fails. */
  budgets(pod: Pod): PodSelecting[] {
    return this.#selecting.filter(
      (one) =>
        one.kind === 'PodDisruptionBudget' && one.selectors.some((selector) => this.#isSelected(pod, one, selector)),
    );
  }

  /** The PodDisruptionBudgets that would be several because of a label; none where it changes nothing about that. */
  newOverlap(pod: Pod, { key, value }: Label): PodSelecting[] {
    const after = this.budgets({ ...pod, labels: { ...pod.labels, [key]: value } });
    return after.length > 1 && after.length > this.budgets(pod).length ? after : [];
  }

  #isSelected(pod: Pod, { namespace }: PodSelecting, { pods, namespaces }: PodSelector): boolean {
    const isThere =
      namespaces === undefined
        ? pod.namespace === namespace
        : isSelected(namespaces, this.#namespaceLabels.get(pod.namespace) ?? {});
    return isThere && isSelected(pods, pod.labels ?? {});
  }
}

function asksForGateway({ pods }: PodSelector): boolean {
  return Object.values(GATEWAY_LABELS).some((key) => asksFor(pods, key));
}

/** All of a cluster; where namespaces are named, what every namespace has: to read more takes a right to all of them. */
async function readNamespaces(store: ObjectStore, { namespaces }: Scope): Promise<Map<string, Labels>> {
  const labels = new Map<string, Labels>(namespaces.map((name) => [name, { [NAMESPACE_NAME_LABEL]: name }]));
  if (namespaces.length > 0) return labels;
  for await (const namespace of store.namespaces('')) labels.set(namespace.name, namespace.labels);
  return labels;
}
