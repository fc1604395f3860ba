/** Control sequences with an optional parameter and a command; and single characters. */
const TOKENS = /(?![\r\n])\p{Cc}(?:\[([?\d]*)([A-Za-z])|\d)|[\s\S]/gu;

/**
 * The lines that a terminal shows for text with control sequences. Supports what a progress bar needs: moving the cursor,
 * clearing lines, and saving and restoring the cursor.
 */
export function shownOnTerminal(text: string): string[] {
  const lines: string[] = [''];
  let [row, column] = [0, 0];
  let kept = { row, column };
  const line = () => lines[row] ?? '';
  const acts: Record<string, (parameter: string) => void> = {
    '\n': () => {
      [row, column] = [row + 1, 0];
      lines[row] ??= '';
    },
    '\r': () => {
      column = 0;
    },
    '\x1b7': () => {
      kept = { row, column };
    },
    '\x1b8': () => {
      ({ row, column } = kept);
    },
    // Moves to a column, counted from 1.
    '[G': (parameter) => {
      column = Number(parameter || '1') - 1;
    },
    '[K': (parameter) => {
      lines[row] = { '': line().slice(0, column), '0': line().slice(0, column), '2': '' }[parameter] ?? line();
    },
    // Line wrapping, cursor style, colors: ignored.
    '[h': () => {},
    '[l': () => {},
    '[m': () => {},
  };
  for (const [token, parameter = '', command] of text.matchAll(TOKENS)) {
    const act = acts[command === undefined ? token : `[${command}`];
    if (act) act(parameter);
    else if (token.startsWith('\x1b')) throw new Error(`This terminal does not support ${JSON.stringify(token)}`);
    else {
      lines[row] = line().padEnd(column).slice(0, column) + token + line().slice(column + 1);
      column += 1;
    }
  }
  return lines.map((shown) => shown.trimEnd());
}
