import { readFile } from 'node:fs/promises';

/** The first YAML block of docs/gitops.md that has all these texts, as a reader copies it. */
export async function documented(...texts: readonly string[]): Promise<string> {
  const page = await readFile(new URL('../../docs/gitops.md', import.meta.url), 'utf8');
  const blocks = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, block = '']) => block);
  const block = blocks.find((candidate) => texts.every((text) => candidate.includes(text)));
  if (block === undefined) throw new Error(`Cannot find a block with ${texts.join(', ')} in docs/gitops.md`);
  return block;
}
