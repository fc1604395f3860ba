import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { GATEWAY_LABELS } from '../../../src/admission/gateway.ts';
import { run } from '../../../src/commands/program.ts';
import { testContext } from '../../support/context.ts';
import { RECORDED_REASONS, RECORDED_REVIEWS, recorded, recordedPath } from '../../support/reviews.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const { standard, owner } = GATEWAY_LABELS;

const manifest = (kind: string, name: string, labels: object) =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop, labels: ${JSON.stringify(labels)}}\n`;
const LACKING = manifest('Pod', 'a', { [owner]: 'eg' });
const COMPLETE = manifest('Service', 'b', { [owner]: 'eg', [standard]: 'eg' });

async function review(
  args: readonly string[],
  stdin: string | Buffer = '',
  options: { isTTY?: boolean; isInputTTY?: boolean } = {},
) {
  const { context, written, bytes, due } = testContext({ stdin, ...options });
  const exitCode = await run(['review', ...args], context);
  return { exitCode, ...written, bytes: bytes(), due };
}

describe('review', () => {
  test('prints a table of the decisions', async () => {
    const nameless = `---\n{"apiVersion": "v1", "kind": "ServiceAccount"}\n`;
    const generated = `---\napiVersion: v1\nkind: Pod\nmetadata: {generateName: c-}\n`;
    const { exitCode, stdout, stderr } = await review([], `${LACKING}---\n${COMPLETE}${generated}${nameless}`);
    expect(stdout).toBe(
      [
        'KIND             NAMESPACE/NAME   REASON           ADDS',
        'Pod              shop/a           added-standard   gateway.networking.k8s.io/gateway-name=eg',
        'Service          shop/b           complete',
        'Pod              c-*              no-gateway',
        'ServiceAccount   (no name)        no-gateway',
        '',
      ].join('\n'),
    );
    expect([exitCode, stderr]).toEqual([0, '']);
  });

  test('prints rows without a header', async () => {
    const { stdout } = await review(['--no-headers'], `${LACKING}---\n${COMPLETE}`);
    expect(stdout).toBe(
      'Pod       shop/a   added-standard   gateway.networking.k8s.io/gateway-name=eg\nService   shop/b   complete\n',
    );
  });

  test('prints decisions as JSON, in an object with a list like audit', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'a.yaml');
    writeFileSync(file, `# nothing\n---\n${LACKING}---\na: b\n`);
    const { stdout, exitCode } = await review(['-o', 'json', file, '-'], COMPLETE);
    expect(JSON.parse(stdout)).toEqual({
      objects: [
        {
          kind: 'Pod',
          namespace: 'shop',
          name: 'a',
          reason: 'added-standard',
          add: { [standard]: 'eg' },
          file,
          document: 2,
          line: 3,
        },
        { kind: 'Service', namespace: 'shop', name: 'b', reason: 'complete', file: 'stdin', document: 1, line: 1 },
      ],
      missing: 1,
      errors: 1,
    });
    expect(exitCode).toBe(2);
    expect(JSON.parse((await review(['-o', 'json'])).stdout)).toEqual({ objects: [], missing: 0, errors: 0 });
  });

  test('prints the file of each object if there are several files', async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'a.yaml'), LACKING);
    writeFileSync(join(directory, 'b.yaml'), COMPLETE);
    const { stdout } = await review(['-f', join(directory, 'a.yaml'), join(directory, 'b.yaml')]);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(rows).toEqual([
      ['FILE', 'KIND', 'NAMESPACE/NAME', 'REASON', 'ADDS'],
      [join(directory, 'b.yaml'), 'Service', 'shop/b', 'complete'],
      [join(directory, 'a.yaml'), 'Pod', 'shop/a', 'added-standard', `${standard}=eg`],
    ]);
  });

  test('reads files and directories like kubectl: repeated -f, commas, -R', async () => {
    const directory = temporaryDirectory();
    const path = (name: string) => join(directory, name);
    for (const name of ['deploy', 'deploy/below', 'deploy/empty']) mkdirSync(path(name));
    for (const name of ['c.yml', 'a.json', 'b.yaml', 'notes.txt', 'below/d.yaml', 'below/e.md']) {
      writeFileSync(path(`deploy/${name}`), manifest('Pod', name.replaceAll(/[./]/g, '-'), { [owner]: 'eg' }));
    }
    const names = async (...args: string[]) => (await review(args)).stdout.match(/(?<=shop\/)[-\w]+/g);
    expect(await names('-f', path('deploy'))).toEqual(['a-json', 'b-yaml', 'c-yml']);
    expect(await names('-f', path('deploy'), '-R')).toEqual(['a-json', 'b-yaml', 'below-d-yaml', 'c-yml']);
    const both = [path('deploy/c.yml'), path('deploy/notes.txt')];
    expect(await names('-f', both.join(','), '-f', path('deploy/c.yml'))).toEqual(['c-yml', 'notes-txt', 'c-yml']);
    expect(await review(['-f', path('deploy/empty')])).toMatchObject({
      exitCode: 2,
      stderr: `error: no manifests in ${path('deploy/empty')}: expected files named *.json, *.yaml or *.yml; -R also searches the directories below\n`,
    });
  });

  test('uses the direction in the environment, like every command', async () => {
    process.env['GATEWAY_NAME_WEBHOOK_REVERSE'] = 'off';
    onTestFinished(() => {
      delete process.env['GATEWAY_NAME_WEBHOOK_REVERSE'];
    });
    const { stdout } = await review([], manifest('Pod', 'a', { [standard]: 'eg' }));
    expect(stdout).toContain('not-managed');
  });

  test('prints manifests with labels added, from one or several streams', async () => {
    const directory = temporaryDirectory();
    const names = ['a', 'b', 'c'];
    const [a = '', b = '', c = ''] = names.map((name) => join(directory, name));
    writeFileSync(a, LACKING.trimEnd());
    writeFileSync(b, `---\n${COMPLETE}`);
    writeFileSync(c, `%YAML 1.1\n---\n${COMPLETE}`);
    const { stdout, exitCode } = await review(['-o', 'yaml', a, b, c, c, b, a]);
    const labelled = LACKING.trimEnd()
      .replace('"eg"', `"eg", "${standard}": "eg"`)
      .replace('", "', '","')
      .replace(': "eg"}', ':"eg"}');
    expect(stdout).toBe(
      `${labelled}\n---\n${COMPLETE}...\n%YAML 1.1\n---\n${COMPLETE}...\n%YAML 1.1\n---\n${COMPLETE}---\n${COMPLETE}---\n${labelled}`,
    );
    expect(exitCode).toBe(0);
  });

  test('joins Lists, each of which ends after its last item', async () => {
    const directory = temporaryDirectory();
    const file = join(directory, 'list.yaml');
    const list = 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod}\n';
    writeFileSync(file, list);
    expect((await review(['-o', 'yaml', file, file])).stdout).toBe(`${list}---\n${list}`);
  });

  test('joins streams with different encodings in the encoding of the first, with only its byte order mark', async () => {
    const directory = temporaryDirectory();
    const [little = '', marked = '', plain = ''] = ['little', 'marked', 'plain'].map((name) => join(directory, name));
    const text = COMPLETE.replace('shop', 'é');
    const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le');
    writeFileSync(little, utf16(text));
    writeFileSync(marked, `\uFEFF${text}`);
    writeFileSync(plain, text);
    const all = `${text}---\n${text}---\n${text}`;
    expect((await review(['-o', 'yaml', little, marked, plain])).bytes).toEqual(utf16(all));
    expect((await review(['-o', 'yaml', marked, little, plain])).bytes).toEqual(Buffer.from(`\uFEFF${all}`));
    expect((await review(['-o', 'yaml', plain, marked, little])).bytes).toEqual(Buffer.from(all));
  });

  test('copies bytes that it cannot decode', async () => {
    const directory = temporaryDirectory();
    const [latin1 = '', cut = '', plain = ''] = ['latin1', 'cut', 'plain'].map((name) => join(directory, name));
    const bytes = Buffer.from('a: \xe9\n', 'latin1');
    writeFileSync(latin1, bytes);
    writeFileSync(cut, Buffer.from([0xff, 0xfe, 0x23, 0x00, 0x0a, 0x00, 0x61]));
    writeFileSync(plain, '# nothing\n');
    const { exitCode, stderr, bytes: written, due } = await review(['-o', 'yaml', plain, latin1, cut]);
    expect(written).toEqual(Buffer.concat([Buffer.from('# nothing\n---\n'), bytes, Buffer.from('---\n#\na')]));
    expect(stderr.split('\n')).toEqual([
      `error: ${latin1}: document 1, line 1: not valid UTF-8, or UTF-16 with a byte order mark`,
      `error: ${cut}: the input ends in the middle of a character`,
      '',
    ]);
    expect(exitCode).toBe(2);
    expect(due).toEqual([2, 2]);
    expect((await review(['-o', 'yaml', cut])).bytes).toEqual(readFileSync(cut));
  });

  test('reports objects to which it cannot add a label, if it prints manifests', async () => {
    const stdin = `apiVersion: v1\nkind: Service\nmetadata:\n  labels: &l {${owner}: eg}\nspec: {selector: *l}\n`;
    expect(await review(['-o', 'yaml'], stdin)).toMatchObject({
      exitCode: 2,
      stdout: stdin,
      stderr: `error: stdin: document 1, line 1: cannot add ${standard}: "eg", labels is shared by the anchor &l; left unchanged: add it by hand\n`,
    });
    expect(await review([], stdin)).toMatchObject({ exitCode: 0, stderr: '' });
  });

  test('says on a terminal that it waits for input, and that it has found nothing', async () => {
    expect(await review([], '# nothing\n', { isInputTTY: true })).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr:
        'Reading manifests from standard input; press Ctrl-D at the end\nNo ServiceAccounts, Pods or Services found\n',
    });
  });

  test.for(RECORDED_REVIEWS)('makes the same decision as the webhook for %s', async (file) => {
    const { stdout, exitCode } = await review(['--reverse', 'managed', '-o', 'json', recordedPath(file)]);
    expect(JSON.parse(stdout)).toMatchObject({
      objects: [{ reason: RECORDED_REASONS[file], namespace: recorded(file).request.namespace }],
    });
    expect(exitCode).toBe(0);

    const again = await review(['-o', 'yaml', recordedPath(file)]);
    const labels = parse(again.stdout).request.object.metadata.labels;
    expect(labels?.[standard]).toBe(labels?.[owner]);
  });

  test.for([
    { name: 'a label is missing', stdin: LACKING, args: ['--check'], exitCode: 1 },
    { name: 'no label is missing', stdin: COMPLETE, args: ['--check'], exitCode: 0 },
    { name: 'there are no objects', stdin: '', args: ['--check'], exitCode: 0 },
    { name: 'a label is missing, without --check', stdin: LACKING, args: [], exitCode: 0 },
    {
      name: 'the missing label must not be added',
      stdin: manifest('Pod', 'a', { [standard]: 'eg' }),
      args: ['--check', '--reverse', 'off'],
      exitCode: 0,
    },
    { name: 'a document cannot be read', stdin: `a: b\n---\n${LACKING}`, args: ['--check'], exitCode: 2 },
  ])('exits with $exitCode if $name', async ({ stdin, args, exitCode }) => {
    expect((await review(args, stdin)).exitCode).toBe(exitCode);
  });

  test('prints the file, document and line of invalid input, reviews the rest, and copies all of it', async () => {
    const stdin = `${LACKING}---\na: b\n---\n${COMPLETE}---\nkind: {\n`;
    const { exitCode, stdout, stderr } = await review([], stdin);
    expect(stderr.split('\n')).toEqual([
      'error: stdin: document 2, line 5: expected a Kubernetes object with apiVersion and kind',
      expect.stringMatching(/^error: stdin: document 4, line 1\d: Flow map/),
      '',
    ]);
    expect(stdout.match(/shop\/[ab]/g)).toEqual(['shop/a', 'shop/b']);
    expect(exitCode).toBe(2);
    const passed = (await review(['-o', 'yaml'], stdin)).stdout;
    expect(
      passed
        .replace(/, "gateway\.networking[^,}]*/, '')
        .replace(/,"gateway\.networking\.k8s\.io\/gateway-name":"eg"/, ''),
    ).toBe(stdin);
  });

  test('prints the files that it cannot read, and reads the others', async () => {
    const directory = temporaryDirectory();
    const good = join(directory, 'good');
    writeFileSync(good, LACKING);
    const { exitCode, stdout, stderr } = await review([join(directory, 'missing'), '\0', good]);
    expect(stderr.split('\n')).toEqual([
      `error: cannot read ${join(directory, 'missing')}: no such file or directory`,
      expect.stringMatching(/^error: cannot read \0: .*null bytes/),
      '',
    ]);
    expect(stdout).toContain('shop/a');
    expect(exitCode).toBe(2);
  });

  test('prints the reason if it cannot continue reading', async () => {
    const { context, written } = testContext();
    const stdin = Object.assign(
      (async function* () {
        yield Buffer.from(LACKING);
        throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
      })(),
      { isTTY: false },
    );
    expect(await run(['review'], { ...context, stdin })).toBe(2);
    expect(written.stderr).toBe('error: cannot read stdin: EIO: i/o error, read\n');
  });

  test('prints a summary on a terminal', async () => {
    const { stderr } = await review([], `${LACKING}---\n${COMPLETE}`, { isTTY: true });
    expect(stderr).toBe('2 reviewed, 1 missing a label\n');
  });

  test('aligns its output page by page, and waits for a slow reader', async () => {
    const many = Array.from(
      { length: 1200 },
      (_, index) => `---\n${manifest('Pod', `pod-${index}${'x'.repeat(150)}`, { [owner]: 'eg' })}`,
    ).join('');
    const { context, written } = testContext({ stdin: many, isSlow: true });
    await run(['review'], context);
    await new Promise<void>((resolve) => context.stdout.end(resolve));
    const lines = written.stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(1201);
    expect(lines.filter((line) => line.startsWith('KIND'))).toHaveLength(1);
    expect(lines[1200]).toMatch(/^Pod {4}shop\/pod-1199x+ +added-standard +gateway/);
  });
});
