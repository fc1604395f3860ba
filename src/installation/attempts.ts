import type { WebhookConfiguration, WebhookEntry } from './configuration.ts';
import type { Direction } from './direction.ts';

/** The chart's name for an entry; further entries of the same direction have a prefix. */
const ENTRY_NAME = /^(?:[^.]+\.)?(standard|owner)\.label\.gateway-name-webhook$/;

/** The name of a direction's main entry. */
export function entryName(direction: Direction): string {
  return `${direction}.label.gateway-name-webhook`;
}

/** The label that an entry adds, by its name; undefined for an entry that is not the chart's. */
export function directionOf(name: string): Direction | undefined {
  return ENTRY_NAME.exec(name)?.[1] as Direction | undefined;
}

/**
 * The entries of a direction, in the order in which the API server calls them. Once one has added the label, the others no
 * longer match: each is another chance, and only the failure policy of the last one decides.
 */
export function attemptsOf(
  configuration: WebhookConfiguration | undefined,
  direction: Direction,
): readonly WebhookEntry[] {
  return configuration?.webhooks?.filter(({ name }) => directionOf(name) === direction) ?? [];
}
