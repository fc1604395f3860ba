import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { LineBuffer } from '../../src/commands/line-buffer.ts';

function lineBuffer() {
  const writes: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      writes.push(String(chunk));
      done();
    },
  });
  return { lines: new LineBuffer(stream), writes };
}

describe('LineBuffer', () => {
  test('writes the lines of one turn of the event loop at once, in order, and then those of the next', async () => {
    const { lines, writes } = lineBuffer();
    lines.write('a\n');
    lines.write('b\n');
    expect(writes).toEqual([]);
    await turn();
    expect(writes).toEqual(['a\nb\n']);
    lines.write('c\n');
    await turn();
    expect(writes).toEqual(['a\nb\n', 'c\n']);
  });

  test('writes what is pending when told, once', async () => {
    const { lines, writes } = lineBuffer();
    lines.flush();
    lines.write('a\n');
    lines.flush();
    await turn();
    expect(writes).toEqual(['a\n']);
  });
});
