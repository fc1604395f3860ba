import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { LineBuffer } from '../../../src/commands/output/line-buffer.ts';

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
  test('writes the lines of one turn of the event loop together, in order, before those of the next turn', async () => {
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

  test('writes pending lines on flush, once', async () => {
    const { lines, writes } = lineBuffer();
    lines.flush();
    lines.write('a\n');
    lines.flush();
    await turn();
    expect(writes).toEqual(['a\n']);
  });

  test('drops lines while the output is not read, and prints how many afterwards', async () => {
    const writes: string[] = [];
    let read = () => {};
    const stream = new Writable({
      write(chunk, _encoding, done) {
        writes.push(String(chunk));
        read = done;
      },
    });
    const lines = new LineBuffer(stream, 4);
    const say = (line: string) => {
      lines.write(line);
      lines.flush();
    };
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) say(line);
    expect(writes).toEqual(['one\n']);
    for (let turns = 0; turns < 2; turns += 1) {
      read();
      await turn();
    }
    say('five\n');
    const note = {
      level: 'warn',
      time: expect.stringMatching(/Z$/),
      lines: 2,
      msg: 'dropped log lines: the reader is too slow',
    };
    const [first, second, last = ''] = writes;
    expect([first, second]).toEqual(['one\n', 'two\n']);
    expect(JSON.parse(last.split('\n')[0] ?? '')).toEqual(note);
    expect(last.split('\n').slice(1)).toEqual(['five', '']);
  });
});
