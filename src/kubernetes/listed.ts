import { ApiError } from './api-error.ts';

/** The page size of kubectl. */
const PAGE_SIZE = 500;

/** A list may expire any number of times while it makes progress, but only this often without any new item. */
const MOST_EXPIRIES = 5;

export interface Listed {
  readonly metadata: { readonly uid: string };
}

interface Page<T> {
  readonly metadata: { readonly continue?: string };
  /** The API server writes null for a list without elements. */
  readonly items: readonly T[] | null;
}

export interface ListedOptions<T> {
  /** Asks for a page. */
  readonly ask: (query: Readonly<Record<string, string>>) => Promise<Page<T>>;
  readonly limit?: number | undefined;
  /** Once aborted, the list rejects instead of requesting another page. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Yields the items of a list, page by page, each of them once.
 *
 * The API server keeps the state of a list for about five minutes (410 Gone after that). The rest is then listed from the
 * current state; if the API server returns no token for that, everything is listed again.
 */
export async function* listed<T extends Listed>({
  ask,
  limit = PAGE_SIZE,
  signal,
}: ListedOptions<T>): AsyncGenerator<T> {
  // 70 bytes an item: 3.5 MB for 50,000.
  const seen = new Set<string>();
  let token: string | undefined;
  let expiries = 0;
  for (;;) {
    signal?.throwIfAborted();
    const page = await ask({ limit: String(limit), ...(token && { continue: token }) }).catch((error: unknown) => {
      expiries += 1;
      if (error instanceof ApiError && error.code === 410 && expiries <= MOST_EXPIRIES) return error;
      throw error;
    });
    if (page instanceof ApiError) {
      token = page.continueToken;
      continue;
    }
    for (const item of page.items ?? []) {
      if (seen.has(item.metadata.uid)) continue;
      seen.add(item.metadata.uid);
      expiries = 0;
      yield item;
    }
    token = page.metadata.continue;
    if (!token) return;
  }
}
