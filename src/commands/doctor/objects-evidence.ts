import type { Reverse } from '../../admission/gateway.ts';
import type { Judgement } from '../../doctor/check.ts';
import { faultOf } from '../../doctor/fault.ts';
import { ObjectsJudge } from '../../doctor/objects.ts';
import { SunsetJudge } from '../../doctor/sunset.ts';
import type { Release } from '../../installation/configuration.ts';
import { outcomeOf } from '../../installation/outcome.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { kubernetesObjectStore } from '../../kubernetes/kubernetes-object-store.ts';
import { inspectAll } from '../../objects/inspect.ts';
import { PodSelectors } from '../../objects/pod-selectors.ts';

interface ObjectsQuestion {
  readonly reverse: Reverse;
  readonly release: Release | undefined;
  /** Whether PodDisruptionBudgets may be read. */
  readonly hasBudgets: boolean;
}

export interface ExaminedObjects {
  readonly objects: readonly Judgement[];
  readonly sunset: readonly Judgement[];
}

const EVERYWHERE = { namespaces: [], namespaceSelector: '' };

/** Reads every object of a Gateway once. */
export async function examineObjects(client: ApiClient, question: ObjectsQuestion): Promise<ExaminedObjects> {
  const { reverse, release, hasBudgets } = question;
  const looked = await outcomeOf(look(client, reverse, hasBudgets));
  if (looked.problem) {
    const { message } = looked.problem;
    return { objects: [{ name: 'all', status: 'failure', class: faultOf(looked.problem), message }], sunset: [] };
  }
  const { objects, sunset } = looked.value;
  return { objects: objects.judgements(), sunset: [sunset.judgement(release)] };
}

async function look(client: ApiClient, reverse: Reverse, hasBudgets: boolean) {
  const store = kubernetesObjectStore(client, {});
  const selectors = await PodSelectors.read(store, EVERYWHERE, hasBudgets ? ['PodDisruptionBudget'] : []);
  const objects = new ObjectsJudge(selectors, reverse);
  const sunset = new SunsetJudge();
  for await (const finding of inspectAll(store, EVERYWHERE, reverse)) {
    objects.add(finding);
    sunset.add(finding.object);
  }
  return { objects, sunset };
}
