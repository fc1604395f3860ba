import { GATEWAY_LABELS, type Label } from '../admission/gateway.ts';
import { asksFor, isSelected, type Labels } from './label-selector.ts';
import type { ObjectStore, PodSelecting, PodSelector, SelectingKind } from './object-store.ts';
import { asked, type Scope } from './scope.ts';
import type { StoredMetadata } from './stored-object.ts';

/** The API server gives it to every namespace. */
const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

/** The fields of a Pod that selectors match. */
type Pod = Pick<StoredMetadata, 'namespace' | 'labels'>;

/** The effect of a new label on a Pod: something starts or stops selecting it. */
export interface Wake {
  readonly by: PodSelecting;
  readonly effect: 'begins' | 'ceases';
}

/** All objects of a scope that select Pods by labels, read once. */
export class PodSelectors {
  readonly #selecting: readonly PodSelecting[];
  readonly #namespaceLabels: ReadonlyMap<string, Labels>;

  private constructor(selecting: readonly PodSelecting[], namespaceLabels: ReadonlyMap<string, Labels>) {
    this.#selecting = selecting;
    this.#namespaceLabels = namespaceLabels;
  }

  /** Reads what selects Pods. Selectors that refer to neither label only matter for PodDisruptionBudgets, which are counted. */
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
      // Each selector separately: a NetworkPolicy that already applies to a Pod may start to admit it as a peer.
      const effects = by.selectors.flatMap((selector): Wake['effect'][] => {
        const after = this.#isSelected(labelled, by, selector);
        if (after === this.#isSelected(pod, by, selector)) return [];
        return [after ? 'begins' : 'ceases'];
      });
      return [...new Set(effects)].map((effect) => ({ by, effect }));
    });
  }

  /** The PodDisruptionBudgets that select a Pod. If there are several, evictions always fail. */
  budgets(pod: Pod): PodSelecting[] {
    return this.#selecting.filter(
      (one) =>
        one.kind === 'PodDisruptionBudget' && one.selectors.some((selector) => this.#isSelected(pod, one, selector)),
    );
  }

  /** The PodDisruptionBudgets that would select a Pod if a label makes them several; otherwise empty. */
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

/** The labels of all namespaces; if namespaces are listed, only the label that each has: reading more needs permission for all. */
async function readNamespaces(store: ObjectStore, { namespaces }: Scope): Promise<Map<string, Labels>> {
  const labels = new Map<string, Labels>(namespaces.map((name) => [name, { [NAMESPACE_NAME_LABEL]: name }]));
  if (namespaces.length > 0) return labels;
  for await (const namespace of store.namespaces('')) labels.set(namespace.name, namespace.labels);
  return labels;
}
