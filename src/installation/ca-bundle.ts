import { caBundleOf, type WebhookEntry } from './configuration.ts';

/** A caBundle, as PEM, and the entries that have it. */
export interface CABundle {
  readonly entries: readonly string[];
  readonly caBundle: string;
}

/** The caBundles of entries, each once. */
export function caBundlesOf(entries: readonly { readonly name: string; readonly caBundle: string }[]): CABundle[] {
  return [...Map.groupBy(entries, ({ caBundle }) => caBundle)].map(([caBundle, alike]) => ({
    caBundle,
    entries: alike.map(({ name }) => name),
  }));
}

/** The same of entries as they are stored. */
export function storedCABundles(entries: readonly WebhookEntry[] = []): CABundle[] {
  return caBundlesOf(entries.map((entry) => ({ name: entry.name, caBundle: caBundleOf(entry) })));
}
