import { GATEWAY_LABELS, type Label } from '../admission/gateway.ts';
import { asksFor, isSelected, type Labels } from './label-selector.ts';
import type { ObjectStore, PodSelecting, PodSelector, SelectingKind } from './object-store.ts';
import { asked, type Scope } from './scope.ts';
import type { StoredMetadata } from './stored-object.ts';

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

  /** Reads what selects Pods. What asks for neither label matters only where Pods are counted: for PodDisruptionBudgets. */
  static async read(store: ObjectStore, scope: Scope, kinds: readonly SelectingKind[]): Promise<PodSelectors> {
    const selecting: PodSelecting[] = [];
    for (const kind of kinds) {
      for (const namespace of asked(scope)) {
        for await (const one of store.podSelecting(kind, namespace)) {
          if (kind === 'PodDisruptionBudget' || one.selectors.some(asksForGateway)) selecting.push(one);
        }
      }
    }
    const isAcross = selecting.some(({ selectors }) => selectors.some(({ namespaces }) => namespaces !== undefined));
    return new PodSelectors(selecting, isAcross ? await readNamespaces(store) : new Map());
  }

  /** What a label would do to a Pod. */
  wakes(pod: Pod, { key, value }: Label): Wake[] {
    const labelled = { ...pod, labels: { ...pod.labels, [key]: value } };
    return this.#selecting.flatMap((by): Wake[] => {
      const [before, after] = [this.#selects(by, pod), this.#selects(by, labelled)];
      return before === after ? [] : [{ by, effect: after ? 'begins' : 'ceases' }];
    });
  }

  /** The PodDisruptionBudgets that select a Pod. The eviction of one that several select always fails. */
  budgets(pod: Pod): PodSelecting[] {
    return this.#selecting.filter((one) => one.kind === 'PodDisruptionBudget' && this.#selects(one, pod));
  }

  /** The PodDisruptionBudgets that would be several because of a label; none where it changes nothing about that. */
  newOverlap(pod: Pod, { key, value }: Label): PodSelecting[] {
    const after = this.budgets({ ...pod, labels: { ...pod.labels, [key]: value } });
    return after.length > 1 && after.length > this.budgets(pod).length ? after : [];
  }

  #selects({ namespace, selectors }: PodSelecting, pod: Pod): boolean {
    return selectors.some(({ pods, namespaces }) => {
      const isThere =
        namespaces === undefined
          ? pod.namespace === namespace
          : isSelected(namespaces, this.#namespaceLabels.get(pod.namespace) ?? {});
      return isThere && isSelected(pods, pod.labels ?? {});
    });
  }
}

function asksForGateway({ pods }: PodSelector): boolean {
  return Object.values(GATEWAY_LABELS).some((key) => asksFor(pods, key));
}

async function readNamespaces(store: ObjectStore): Promise<Map<string, Labels>> {
  const labels = new Map<string, Labels>();
  for await (const namespace of store.namespaces('')) labels.set(namespace.name, namespace.labels);
  return labels;
}
