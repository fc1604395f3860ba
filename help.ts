import { readFileSync } from 'node:fs';
import { Help } from 'commander';

/** Returns the table of commands in CONTRIBUTING.md as plain text, wrapped as the help of a command is. */
export function commandsOf(contributing: string): string {
  const rows = [...contributing.matchAll(/^\| (`(?:npm|test\/).*?) \| (.*) \|$/gm)].map(
    ([, command = '', does = '']) => [plain(command), plain(does)] as const,
  );
  const help = new Help();
  help.prepareContext({ helpWidth: 120 });
  const width = Math.max(...rows.map(([command]) => command.length));
  return rows.map(([command, does]) => `${help.formatItem(command, width, does, help)}\n`).join('');
}

/** A table cell without its Markdown. */
const plain = (cell: string) => cell.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');

if (import.meta.main)
  process.stdout.write(commandsOf(readFileSync(new URL('CONTRIBUTING.md', import.meta.url), 'utf8')));
