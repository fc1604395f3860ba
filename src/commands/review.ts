import { createReadStream } from 'node:fs';
import type { Reverse } from '../admission/gateway.ts';
import { decodeUtf8, type SourceDocument, splitDocuments } from '../manifests/documents.ts';
import { reviewDocument } from '../manifests/manifest.ts';
import type { Context } from './context.ts';
import { buildReport, type Output, type ReviewedSource } from './review-output.ts';
import { write } from './write.ts';

export interface ReviewSettings {
  readonly output: Output;
  readonly reverse: Reverse;
  /** Whether a missing label is a failure. */
  readonly check: boolean;
}

/**
 * Applies the rule to manifests and AdmissionReviews, offline. Documents are read, reviewed and printed one by one.
 *
 * Returns the exit code: 0, or 1 if a label is missing and `check` is set, or 2 if anything could not be read; the rest
 * is reviewed all the same.
 */
export async function review(files: readonly string[], settings: ReviewSettings, context: Context): Promise<0 | 1 | 2> {
  const report = buildReport(settings.output);
  const counts = { objects: 0, missing: 0, problems: 0 };

  for await (const source of reviewedSources(files, settings.reverse, context)) {
    if ('error' in source) {
      counts.problems += 1;
      context.stderr.write(`error: ${source.error}\n`);
      continue;
    }
    const { reviewed, document, file } = source;
    if ('problem' in reviewed) {
      counts.problems += 1;
      context.stderr.write(`error: ${file}: document ${document.number}, line ${reviewed.line}: ${reviewed.problem}\n`);
    } else {
      counts.objects += reviewed.objects.length;
      counts.missing += reviewed.objects.filter(({ decision }) => decision.add).length;
    }
    await write(context.stdout, report.add(source));
  }
  await write(context.stdout, report.end());

  if (context.stderr.isTTY)
    context.stderr.write(`${counts.objects} reviewed, ${counts.missing} without one of the labels\n`);
  if (counts.problems > 0) return 2;
  return settings.check && counts.missing > 0 ? 1 : 0;
}

async function* reviewedSources(
  files: readonly string[],
  reverse: Reverse,
  context: Context,
): AsyncGenerator<ReviewedSource | { readonly error: string }> {
  for (const path of files) {
    const file = path === '-' ? 'stdin' : path;
    let last: SourceDocument | undefined;
    try {
      const chunks: AsyncIterable<Uint8Array> = path === '-' ? context.stdin : createReadStream(path);
      for await (const document of splitDocuments(decodeUtf8(chunks))) {
        last = document;
        yield { file, document, reviewed: reviewDocument(document, reverse) };
      }
    } catch (error) {
      yield { error: readProblem(error as NodeJS.ErrnoException, file, last) };
    }
  }
}

const READ_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder: name the files in it',
  EACCES: 'permission denied',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not valid UTF-8',
};

function readProblem({ code, message }: NodeJS.ErrnoException, file: string, last: SourceDocument | undefined): string {
  const where = last ? `: after document ${last.number}, which begins on line ${last.line}` : '';
  return `Cannot read ${file}${where}: ${READ_PROBLEMS[String(code)] ?? message}`;
}
