import type { Finding } from './finding.ts';
import type { SelectingKind } from './object-store.ts';
import type { PodSelectors, Wake } from './pod-selectors.ts';

/** What begins, or ceases, to select Pods by the labels that they lack. */
export interface WakeSummary {
  readonly kind: SelectingKind;
  readonly namespace: string;
  readonly name: string;
  readonly effect: Wake['effect'];
  readonly pods: number;
  /** One of them: namespace/name. */
  readonly example: string;
}

/** A Pod that several PodDisruptionBudgets would select, so that it could not be evicted. */
export interface Overlap {
  readonly namespace: string;
  readonly pod: string;
  readonly budgets: readonly string[];
}

/** Gathers what missing labels would wake. As large as what selects Pods by the two labels, not as the Pods. */
export class Wakes {
  readonly #selectors: PodSelectors;
  readonly #summaries = new Map<string, WakeSummary>();

  constructor(selectors: PodSelectors) {
    this.#selectors = selectors;
  }

  /** Takes an object into account; returns the overlap of PodDisruptionBudgets that its missing label would make. */
  add({ object: { kind, metadata }, decision }: Finding): Overlap | undefined {
    if (kind !== 'Pod' || !decision.add) return undefined;
    for (const { by, effect } of this.#selectors.wakes(metadata, decision.add)) {
      const key = `${by.kind}/${by.namespace}/${by.name}/${effect}`;
      const { pods, example } = this.#summaries.get(key) ?? {
        pods: 0,
        example: `${metadata.namespace}/${metadata.name}`,
      };
      const { kind: selecting, namespace, name } = by;
      this.#summaries.set(key, { kind: selecting, namespace, name, effect, pods: pods + 1, example });
    }
    const budgets = this.#selectors.newOverlap(metadata, decision.add).map(({ name }) => name);
    return budgets.length === 0 ? undefined : { namespace: metadata.namespace, pod: metadata.name, budgets };
  }

  summaries(): WakeSummary[] {
    return [...this.#summaries.values()];
  }
}
