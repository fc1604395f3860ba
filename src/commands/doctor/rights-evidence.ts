import type { Judgement } from '../../doctor/check.ts';
import { faultOf } from '../../doctor/fault.ts';
import { judgeRights, type Need, type NeedName } from '../../doctor/rights.ts';
import { outcomeOf } from '../../installation/outcome.ts';
import { missingRights, selfSubject } from '../../kubernetes/access.ts';
import type { ApiClient } from '../../kubernetes/api-client.ts';
import { grantCommands } from '../../kubernetes/grants.ts';

export interface Rights {
  readonly judgements: readonly Judgement[];
  /** Whether the user has a permission. */
  readonly may: (name: NeedName) => boolean;
}

/** Asks which permissions are missing. `known` are those that were already used successfully. */
export async function examineRights(
  client: ApiClient,
  needs: Readonly<Record<NeedName, Need>>,
  known: ReadonlySet<NeedName>,
): Promise<Rights> {
  const names = (Object.keys(needs) as NeedName[]).filter((name) => !known.has(name));
  const asked = await outcomeOf(Promise.all(names.map((name) => missing(client, needs[name]))));
  if (asked.problem) {
    const { message } = asked.problem;
    const judgement: Judgement = { name: 'all', status: 'warning', class: faultOf(asked.problem), message };
    return { judgements: [judgement], may: () => true };
  }
  const lacking = asked.value.flat();
  const absent = new Set(names.filter((_, index) => asked.value[index]?.length));
  const subject = lacking.length > 0 ? (await outcomeOf(selfSubject(client))).value : undefined;
  const commands = subject ? grantCommands('doctor', lacking, subject.username) : [];
  const judgements = judgeRights(
    Object.values(needs),
    [...absent].map((name) => needs[name]),
    commands,
  );
  return { judgements, may: (name) => !absent.has(name) };
}

function missing(client: ApiClient, { right, namespace }: Need) {
  return missingRights(client, [right], namespace === undefined ? [] : [namespace]);
}
