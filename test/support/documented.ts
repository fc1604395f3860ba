import { blocksOf, readPage } from './pages.ts';

/** The first block of a page in this language that has all these texts, as a reader sees or copies it. */
export function documentedBlock(page: string, language: string, ...texts: readonly string[]): string {
  const blocks = blocksOf(readPage(page), language);
  const block = blocks.find((candidate) => texts.every((text) => candidate.includes(text)));
  if (block === undefined) throw new Error(`Cannot find a block with ${texts.join(', ')} in ${page}`);
  return block;
}

/** A command in a console block, and what it printed. */
export interface Step {
  readonly command: string;
  readonly output: string;
}

/** The commands of this program in a console block, each with its output. */
export function stepsOf(block: string): Step[] {
  return [...block.matchAll(/^\$ gateway-name-webhook (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(
    ([, command = '', output = '']) => ({ command, output }),
  );
}
