import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { trackedFiles } from '../../release/tracked-files.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A Markdown page, or another text file, with its path from the project's root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Every Markdown page of the project. */
export function pages(): Page[] {
  return filesLike(/\.md$/);
}

/** The text files of the project whose path matches a pattern. */
export function filesLike(pattern: RegExp): Page[] {
  return trackedFiles()
    .filter((path) => pattern.test(path))
    .map(readPage);
}

/** One page. */
export function readPage(path: string): Page {
  return { path, text: readFileSync(join(ROOT, path), 'utf8') };
}

/** The code blocks of a page in one of these languages, also those within a list. */
export function blocksOf({ text }: Page, ...languages: readonly string[]): string[] {
  return [...text.matchAll(/^ *```(\w*)\n(.*?)^ *```/gms)]
    .filter(([, language = '']) => languages.includes(language))
    .map(([, , block = '']) => block);
}

/** A link within the project: the file that it names, and the anchor there, empty for the whole file. */
export interface Link {
  readonly target: string;
  readonly anchor: string;
}

/** The links of a page to files of the project. */
export function linksOf({ path, text }: Page): Link[] {
  return [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', anchor = ''] = target.split('#');
      return { target: file === '' ? path : normalize(join(dirname(path), file)), anchor };
    });
}

/** The anchors that GitHub gives to the headings of a page. */
export function anchorsOf({ text }: Pick<Page, 'text'>): string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\-_ ]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The text of a page without its code blocks. */
export function withoutBlocks(text: string): string {
  return text.replaceAll(/^ *```.*?^ *```/gms, '');
}
