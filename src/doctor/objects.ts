import { GATEWAY_LABELS, MANAGED_BY, OPT_OUT_LABEL, type Reverse } from '../admission/gateway.ts';
import { GatewayNames } from '../objects/ambiguous-names.ts';
import type { Finding } from '../objects/finding.ts';
import type { PodSelectors } from '../objects/pod-selectors.ts';
import type { StoredObject } from '../objects/stored-object.ts';
import type { Judgement } from './check.ts';
import { isSetByOthers } from './label-setters.ts';

/** More examples would not help. */
const MOST_EXAMPLES = 3;

/** Counts objects with the same problem, and keeps the first ones as examples. */
class Tally {
  count = 0;
  readonly examples: string[] = [];

  add(example: string): void {
    this.count += 1;
    if (this.examples.length < MOST_EXAMPLES) this.examples.push(example);
  }

  judged(judgement: Judgement): Judgement[] {
    return this.count === 0 ? [] : [{ ...judgement, details: [...this.examples, ...this.#rest()] }];
  }

  #rest(): string[] {
    const rest = this.count - this.examples.length;
    return rest > 0 ? [`and ${rest} more`] : [];
  }
}

/** With `managed` or `off`, whatever has the label got it from something else, or before. */
const FOREIGN_ADVICE: Readonly<Record<Reverse, string>> = {
  both: 'To leave them alone, set rule.reverse=managed. ',
  managed: '',
  off: '',
};

/** Judges the objects of Gateways as they come, and only keeps counts and examples. */
export class ObjectsJudge {
  readonly #selectors: PodSelectors;
  readonly #reverse: Reverse;
  readonly #names = new GatewayNames();
  readonly #lacking = new Tally();
  readonly #conflicts = new Tally();
  readonly #invalid = new Tally();
  readonly #overlaps = new Tally();
  readonly #foreign = new Tally();
  #all = 0;

  constructor(selectors: PodSelectors, reverse: Reverse) {
    this.#selectors = selectors;
    this.#reverse = reverse;
  }

  add({ object, decision: { reason, add } }: Finding): void {
    this.#all += 1;
    this.#names.add(object);
    if (add) this.#lacking.add(`${nameOf(object)} is missing ${add.key}=${add.value}`);
    if (reason === 'conflict') this.#conflicts.add(`${nameOf(object)}: ${bothLabels(object)}`);
    if (reason === 'invalid-value') this.#invalid.add(nameOf(object));
    if (isTouched(object, reason)) this.#foreign.add(nameOf(object));
    const budgets = object.kind === 'Pod' ? this.#selectors.budgets(object.metadata) : [];
    if (budgets.length > 1) this.#overlaps.add(`${nameOf(object)}: ${budgets.map(({ name }) => name).join(', ')}`);
  }

  judgements(): Judgement[] {
    const judgements = [
      ...this.#lacking.judged({
        name: 'lacking',
        status: 'warning',
        message: `missing a label: ${this.#lacking.count} of ${this.#all} objects generated for Gateways`,
        advice: `Run \`gateway-name-webhook backfill -A --reverse ${this.#reverse} --dry-run\`, then without --dry-run.`,
      }),
      ...this.#conflicts.judged({
        name: 'conflicts',
        status: 'warning',
        message: `${objects(this.#conflicts.count)} with conflicting gateway labels`,
        advice: 'Decide which label is right. See docs/runbooks.md, GatewayNameWebhookConflict.',
      }),
      ...this.#invalid.judged({
        name: 'invalid-values',
        status: 'warning',
        message: `${objects(this.#invalid.count)} with a gateway label that names no Gateway`,
        advice: 'The value is empty, so it is not copied: fix what creates these objects.',
      }),
      ...this.#ambiguous(),
      ...this.#overlaps.judged({
        name: 'budget-overlaps',
        status: 'warning',
        message: `Pods that match several PodDisruptionBudgets, so they cannot be evicted and node drains hang: ${this.#overlaps.count}`,
        advice: 'Make each Pod match only one PodDisruptionBudget: delete the others, or narrow their selectors.',
      }),
      ...this.#foreign.judged({
        name: 'foreign',
        status: 'note',
        message: `${objects(this.#foreign.count)} of other implementations with ${GATEWAY_LABELS.owner}, or about to get it`,
        advice: `${FOREIGN_ADVICE[this.#reverse]}To leave a single object alone, label it ${OPT_OUT_LABEL}.`,
      }),
    ];
    if (judgements.some(({ status }) => status !== 'note')) return judgements;
    const message =
      this.#all === 0
        ? 'no objects generated for Gateways found'
        : `no problems found with ${objects(this.#all)} generated for Gateways`;
    return [{ name: 'all', status: 'ok', message }, ...judgements];
  }

  #ambiguous(): Judgement[] {
    return this.#names.ambiguous().map(({ namespace, name, gatewayNamespaces }) => ({
      name: 'ambiguous-names',
      status: 'warning',
      message: `in ${namespace}, ${GATEWAY_LABELS.standard}=${name} matches Gateways in ${gatewayNamespaces.join(' and ')}`,
      advice: 'Also select by gateway.envoyproxy.io/owning-gateway-namespace, or rename one of the Gateways.',
    }));
  }
}

/** Reports whether an object of another implementation has Envoy Gateway's label because of us, or would get it. */
function isTouched({ metadata }: StoredObject, reason: string): boolean {
  if (metadata.labels?.[MANAGED_BY.label] === MANAGED_BY.value) return false;
  if (reason === 'added-owner') return true;
  return reason === 'complete' && !isSetByOthers(metadata, GATEWAY_LABELS.owner);
}

function bothLabels({ metadata: { labels } }: StoredObject): string {
  return Object.values(GATEWAY_LABELS)
    .map((key) => `${key}=${labels?.[key]}`)
    .join(', ');
}

function nameOf({ kind, metadata: { namespace, name } }: StoredObject): string {
  return `${kind} ${namespace}/${name}`;
}

function objects(count: number): string {
  return count === 1 ? 'one object' : `${count} objects`;
}
