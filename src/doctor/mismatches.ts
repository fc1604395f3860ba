import { KINDS, type Kind, OPT_OUT_LABEL } from '../admission/gateway.ts';
import type { WebhookEntry } from '../installation/configuration.ts';
import { type Direction, labelsOf } from '../installation/direction.ts';
import { sendingOf } from '../installation/sending.ts';
import { TRIAL_GATEWAY, trialLabels } from '../installation/trial.ts';
import { isSelected } from '../objects/label-selector.ts';

/** A field that makes an entry match the wrong objects. */
export interface Mismatch {
  readonly field: 'rules' | 'objectSelector';
  readonly text: string;
}

/** Finds why an entry does not match the creation of objects without its label, or matches other objects. */
export function mismatchesOf({ name, rules = [], objectSelector }: WebhookEntry, direction: Direction): Mismatch[] {
  const lacking = trialLabels(direction);
  const others = {
    'objects with neither label': {},
    'objects with both labels': { ...lacking, [labelsOf(direction).lacks]: TRIAL_GATEWAY },
    'opted-out objects': { ...lacking, [OPT_OUT_LABEL]: '' },
  };
  const isSent = (kind: Kind) =>
    sendingOf({ name, rules }, { kind, namespace: '', labels: lacking, namespaceLabels: undefined }).sent !== 'no';
  const unsent = KINDS.filter((kind) => !isSent(kind)).map((kind) => `${kind}s`);
  const selected = Object.entries(others)
    .filter(([, labels]) => isSelected(objectSelector, labels))
    .map(([which]) => which);
  const mismatches: (Mismatch | false)[] = [
    unsent.length > 0 && { field: 'rules', text: `its rules do not cover CREATE of ${unsent.join(', ')}` },
    !isSelected(objectSelector, lacking) && {
      field: 'objectSelector',
      text: 'its objectSelector excludes objects without the label',
    },
    selected.length > 0 && {
      field: 'objectSelector',
      text: `its objectSelector also matches ${selected.join(', ')}`,
    },
  ];
  return mismatches.filter((mismatch) => mismatch !== false);
}
