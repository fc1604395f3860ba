import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Form } from './pod-lists.ts';
import { type Used, used } from './used.ts';

const BUNDLE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Runs `review -o yaml` on a file, and writes its output to another. */
export async function runReview(input: string, output: string): Promise<Used> {
  const descriptor = openSync(output, 'w');
  try {
    return await used(process.execPath, ['--max-semi-space-size=8', BUNDLE, 'review', '-o', 'yaml', input], descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Runs a process that reads and parses the whole file. */
export function runYardstick(form: Form, input: string): Promise<Used> {
  return used(process.execPath, ['--input-type=module', `--eval=${PARSERS[form]}`, input], 'ignore');
}

const READ_ALL = "(await import('node:fs')).readFileSync(process.argv[1], 'utf8')";
const PARSERS: Readonly<Record<Form, string>> = {
  json: `JSON.parse(${READ_ALL})`,
  yaml: `(await import(${JSON.stringify(import.meta.resolve('yaml'))})).parse(${READ_ALL})`,
};
