import { blocksOf, type Page, pages, withoutBlocks } from './pages.ts';

/** A command line on a page. */
export interface DocumentedCommand {
  readonly path: string;
  /** The line as a reader types it, without the comment behind it. */
  readonly line: string;
  /** The comment behind it, which may promise an exit code. */
  readonly comment: string;
}

/** Sentences name other things in backquotes, too. */
const PROGRAMS = /^(?:gateway-name-webhook|kubectl|helm|npm|npx|node|docker|curl|git|gh|cosign|cmctl|chronyc) /;

/** The changelog names commands of older versions, which need not work today. */
const PAGES = pages().filter(({ path }) => path !== 'CHANGELOG.md' && !path.startsWith('test/'));

/** Comments about the command itself instead of its purpose. */
const CONDITION = /exit code \d|^Helm \d$/;

/** Every command line on every page, once: the lines of blocks for a shell, and commands within sentences. */
export function documentedCommands(): DocumentedCommand[] {
  const commands = PAGES.flatMap((page) =>
    [...linesOf(page), ...spansOf(page)].map((text) => ({ path: page.path, ...withoutComment(text) })),
  );
  return [...new Map(commands.map((command) => [command.line + CONDITION.exec(command.comment), command])).values()];
}

function linesOf(page: Page): string[] {
  const typed = blocksOf(page, 'console').flatMap((block) =>
    [...block.matchAll(/^\$ (.*)$/gm)].map(([, line]) => line),
  );
  const scripts = blocksOf(page, 'sh').flatMap((block) => block.replaceAll(/\\\n */g, '').split('\n'));
  return [...typed, ...scripts].map((line = '') => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
}

function spansOf(page: Page): string[] {
  return [...withoutBlocks(page.text).matchAll(/`([^`\n]+)`/g)]
    .map(([, text = '']) => text)
    .filter((text) => PROGRAMS.test(text) && !/…|<\w/.test(text));
}

function withoutComment(text: string): Pick<DocumentedCommand, 'line' | 'comment'> {
  const [, line = '', comment = ''] = /^((?:'[^']*'|"[^"]*"|(?!\s+# )[^'"])*)(?:\s+# (.*))?$/.exec(text) ?? [];
  return { line, comment };
}

/** The words of a line, without quotes. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) => word.replaceAll(/['"]/g, ''));
}

/** Whether a line names a command of kubectl or Helm without what it acts on, as sentences do. */
export function isMention(line: string): boolean {
  const [program = '', verb, ...rest] = wordsOf(line);
  return /^(?:kubectl|helm)$/.test(program) && verb !== 'gateway-name' && rest.every((word) => word.startsWith('-'));
}
