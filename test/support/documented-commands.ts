import { blocksOf, type Page, pages } from './pages.ts';

/** A command as a page shows it, and where. */
export interface DocumentedCommand {
  readonly path: string;
  /** Its words after the program's name, without quotes. */
  readonly words: readonly string[];
}

/** The commands of a program on all pages, in blocks for a shell and within sentences, as a reader would type them. */
export function documentedCommands(program: string): DocumentedCommand[] {
  return pages()
    .filter(({ path }) => path !== 'CHANGELOG.md' && !path.startsWith('test/'))
    .flatMap((page) => textsOf(page).flatMap((text) => commandsIn(text, program, page.path)));
}

function textsOf(page: Page): string[] {
  const lines = blocksOf(page, 'sh', 'console').flatMap((block) =>
    block
      .replaceAll('\\\n', ' ')
      .split('\n')
      .map((line) => line.trim()),
  );
  const quoted = [...page.text.matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text);
  return [...lines, ...quoted];
}

function commandsIn(text: string, program: string, path: string): DocumentedCommand[] {
  // A pipe, a list or a comment ends a command, but not within quotes.
  const pattern = new RegExp(`(?:^|\\$ |[|&] )${program} ((?:'[^']*'|"[^"]*"|[^|#;&'"])+)`, 'g');
  return [...text.matchAll(pattern)].map(([, rest = '']) => ({ path, words: wordsOf(rest) }));
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/['"]/g, ''));
}
