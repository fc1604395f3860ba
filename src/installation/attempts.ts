import type { WebhookConfiguration, WebhookEntry } from './configuration.ts';
import type { Direction } from './direction.ts';

/** What the chart calls an entry; further entries of the direction have one more label before it. */
const ENTRY_NAME = /^(?:[^.]+\.)?(standard|owner)\.label\.gateway-name-webhook$/;

/** The name of the entry that each direction has. */
export function entryName(direction: Direction): string {
  return `${direction}.label.gateway-name-webhook`;
}

/** Which label an entry adds, by its name; undefined: it is none of the chart's. */
export function directionOf(name: string): Direction | undefined {
  return ENTRY_NAME.exec(name)?.[1] as Direction | undefined;
}

/**
 * The entries of a direction, in the order in which the API server calls them. Once one has added the label, the others do not
 * match any more: each is another chance, and only the last decides what a miss means.
 */
export function attemptsOf(
  configuration: WebhookConfiguration | undefined,
  direction: Direction,
): readonly WebhookEntry[] {
  return configuration?.webhooks?.filter(({ name }) => directionOf(name) === direction) ?? [];
}
