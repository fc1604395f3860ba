import type { Finding } from './finding.ts';
import type { SelectingKind } from './object-store.ts';
import type { PodSelectors, Wake } from './pod-selectors.ts';

/** An object that would start or stop selecting Pods by their missing labels. */
export interface WakeSummary {
  readonly kind: SelectingKind;
  readonly namespace: string;
  readonly name: string;
  readonly effect: Wake['effect'];
  readonly pods: number;
  /** One of them: namespace/name. */
  readonly example: string;
}

/** PodDisruptionBudgets that would select the same Pods by their missing labels, so that these could not be evicted. */
export interface OverlapSummary {
  readonly namespace: string;
  readonly budgets: readonly string[];
  readonly pods: number;
  /** The name of one of them. */
  readonly example: string;
}

/** Collects what missing labels would affect. Its size depends on the number of selecting objects, not of Pods. */
export class Wakes {
  readonly #selectors: PodSelectors;
  readonly #summaries = new Map<string, WakeSummary>();
  readonly #overlaps = new Map<string, OverlapSummary>();

  constructor(selectors: PodSelectors) {
    this.#selectors = selectors;
  }

  /** Takes an object into account. */
  add({ object: { kind, metadata }, decision }: Finding): void {
    if (kind !== 'Pod' || !decision.add) return;
    const { namespace, name } = metadata;
    for (const { by, effect } of this.#selectors.wakes(metadata, decision.add)) {
      const key = `${by.kind}/${by.namespace}/${by.name}/${effect}`;
      const { pods, example } = this.#summaries.get(key) ?? { pods: 0, example: `${namespace}/${name}` };
      const selecting = { kind: by.kind, namespace: by.namespace, name: by.name };
      this.#summaries.set(key, { ...selecting, effect, pods: pods + 1, example });
    }
    const budgets = this.#selectors.newOverlap(metadata, decision.add).map((budget) => budget.name);
    if (budgets.length === 0) return;
    const key = [namespace, ...budgets].join('/');
    const { pods, example } = this.#overlaps.get(key) ?? { pods: 0, example: name };
    this.#overlaps.set(key, { namespace, budgets, pods: pods + 1, example });
  }

  get summaries(): readonly WakeSummary[] {
    return [...this.#summaries.values()];
  }

  get overlaps(): readonly OverlapSummary[] {
    return [...this.#overlaps.values()];
  }
}
