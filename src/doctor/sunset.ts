import { GATEWAY_LABELS, MANAGED_BY, OPT_OUT_LABEL } from '../admission/gateway.ts';
import type { Release } from '../installation/configuration.ts';
import type { StoredObject } from '../objects/stored-object.ts';
import type { Judgement } from './check.ts';
import { isSetByEnvoyGateway } from './label-setters.ts';

/**
 * Judges whether Envoy Gateway sets both labels itself, so that the webhook is no longer needed.
 *
 * All of its objects count, regardless of age: after an upgrade, Envoy Gateway writes old ones again, or replaces them. Objects
 * that are being deleted or are opted out do not count.
 */
export class SunsetJudge {
  #all = 0;
  #example: string | undefined;
  #needing = 0;

  add(object: StoredObject): void {
    const { kind, metadata } = object;
    const { labels, deletionTimestamp, namespace, name } = metadata;
    const isCounted = labels?.[MANAGED_BY.label] === MANAGED_BY.value && labels[GATEWAY_LABELS.owner] !== undefined;
    if (!isCounted || deletionTimestamp || labels[OPT_OUT_LABEL] !== undefined) return;
    this.#all += 1;
    if (isSetByEnvoyGateway(object, GATEWAY_LABELS.standard)) return;
    this.#needing += 1;
    this.#example ??= `${kind} ${namespace}/${name}`;
  }

  judgement(release: Release | undefined): Judgement {
    const name = 'needed';
    const { standard } = GATEWAY_LABELS;
    if (this.#all === 0) {
      return {
        name,
        status: 'note',
        message: 'unknown whether the webhook is needed: Envoy Gateway has no objects',
      };
    }
    if (this.#needing > 0) {
      const message =
        `the webhook is needed: without it, ${this.#needing} of ${this.#all} Envoy Gateway objects would be missing ` +
        `${standard}, such as ${this.#example}`;
      return { name, status: 'ok', message };
    }
    const { name: releaseName, namespace } = release ?? { name: 'RELEASE', namespace: 'NAMESPACE' };
    return {
      name,
      status: 'note',
      message: `the webhook can be removed: Envoy Gateway itself sets ${standard} on all of its objects (${this.#all})`,
      advice: `Run \`helm uninstall ${releaseName} -n ${namespace}\`. Existing labels stay.`,
    };
  }
}
