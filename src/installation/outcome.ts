/** Why a question was not answered: an ApiError, or any other. */
export interface Problem {
  /** The HTTP status; undefined when there was no answer. */
  readonly code?: number | undefined;
  readonly message: string;
}

/** An answer, or why there is none. */
export type Outcome<T> =
  | { readonly value: T; readonly problem?: undefined }
  | { readonly problem: Problem; readonly value?: undefined };

/** Never rejects. */
export async function outcomeOf<T>(answer: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await answer };
  } catch (error) {
    return { problem: error as Error };
  }
}
