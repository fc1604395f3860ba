import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { GATEWAY_LABELS } from '../../src/admission/gateway.ts';
import { run } from '../../src/commands/program.ts';
import { testContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { RECORDED_REASONS, RECORDED_REVIEWS, recorded, recordedPath } from '../support/reviews.ts';

const { standard, owner } = GATEWAY_LABELS;

const manifest = (kind: string, name: string, labels: object) =>
  `apiVersion: v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop, labels: ${JSON.stringify(labels)}}\n`;
const LACKING = manifest('Pod', 'a', { [owner]: 'eg' });
const COMPLETE = manifest('Service', 'b', { [owner]: 'eg', [standard]: 'eg' });

async function review(args: readonly string[], stdin: string | Buffer = '', isTTY = false) {
  const { context, written } = testContext({ stdin, isTTY });
  const exitCode = await run(['review', ...args], context);
  return { exitCode, ...written };
}

describe('review', () => {
  test('prints a table of what it finds', async () => {
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

  test('prints decisions as JSON', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.yaml'), `# nothing\n---\n${LACKING}`);
    const { stdout } = await review(['-o', 'json', join(folder, 'a.yaml'), '-'], COMPLETE);
    const of = (facts: object, file: string, document: number) => ({ namespace: 'shop', ...facts, file, document });
    expect(JSON.parse(stdout)).toEqual([
      of({ kind: 'Pod', name: 'a', reason: 'added-standard', add: { [standard]: 'eg' } }, join(folder, 'a.yaml'), 2),
      of({ kind: 'Service', name: 'b', reason: 'complete' }, 'stdin', 1),
    ]);
    expect(JSON.parse((await review(['-o', 'json'])).stdout)).toEqual([]);
  });

  test('prints one patch a line', async () => {
    const { stdout } = await review(['-o', 'patch'], `${LACKING}---\n${COMPLETE}`);
    const path = '/metadata/labels/gateway.networking.k8s.io~1gateway-name';
    expect(stdout).toBe(`${JSON.stringify([{ op: 'add', path, value: 'eg' }])}\n[]\n`);
  });

  test('gives manifests back with the labels added, one stream or many', async () => {
    const folder = temporaryFolder();
    const paths = ['a', 'b', 'c'].map((name) => join(folder, name));
    writeFileSync(paths[0] ?? '', LACKING.trimEnd());
    writeFileSync(paths[1] ?? '', `---\n${COMPLETE}`);
    writeFileSync(paths[2] ?? '', COMPLETE);
    const { stdout, exitCode } = await review(['-o', 'yaml', ...paths]);
    const [first] = parseAllDocuments(stdout);
    expect(first?.toJS().metadata.labels).toEqual({ [owner]: 'eg', [standard]: 'eg' });
    expect(stdout.endsWith(`\n---\n${COMPLETE}---\n${COMPLETE}`)).toBe(true);
    expect(exitCode).toBe(0);
  });

  test.for(RECORDED_REVIEWS)('says of %s what the webhook answers', async (file) => {
    const { stdout, exitCode } = await review(['--reverse', 'managed', '-o', 'json', recordedPath(file)]);
    expect(JSON.parse(stdout)).toMatchObject([
      { reason: RECORDED_REASONS[file], namespace: recorded(file).request.namespace },
    ]);
    expect(exitCode).toBe(0);

    const again = await review(['-o', 'yaml', recordedPath(file)]);
    const labels = parse(again.stdout).request.object.metadata.labels;
    expect(labels?.[standard]).toBe(labels?.[owner]);
  });

  test.for([
    { name: 'something is missing', stdin: LACKING, args: ['--check'], exitCode: 1 },
    { name: 'nothing is missing', stdin: COMPLETE, args: ['--check'], exitCode: 0 },
    { name: 'there is nothing', stdin: '', args: ['--check'], exitCode: 0 },
    { name: 'something is missing and nobody checks', stdin: LACKING, args: [], exitCode: 0 },
    {
      name: 'what is missing is not to be added',
      stdin: manifest('Pod', 'a', { [standard]: 'eg' }),
      args: ['--check', '--reverse', 'off'],
      exitCode: 0,
    },
    { name: 'something cannot be read', stdin: `a: b\n---\n${LACKING}`, args: ['--check'], exitCode: 2 },
  ])('exits with $exitCode when $name', async ({ stdin, args, exitCode }) => {
    expect((await review(args, stdin)).exitCode).toBe(exitCode);
  });

  test('names file, document and line of bad input, reviews the rest, and passes all of it through', async () => {
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

  test('says which files it cannot read, and reads the others', async () => {
    const folder = temporaryFolder();
    const path = (name: string) => join(folder, name);
    mkdirSync(path('folder'));
    writeFileSync(path('latin1'), Buffer.concat([Buffer.from('a: 1\n---\n'), Buffer.from([0xe9, 0x0a])]));
    writeFileSync(
      path('broken'),
      Buffer.concat([Buffer.from(`{"apiVersion": "v1", "kind": "Pod"}\n${'#'.repeat(70_000)}\n`), Buffer.from([0xe9])]),
    );
    writeFileSync(path('good'), LACKING);
    const { exitCode, stdout, stderr } = await review(['missing', 'folder', 'latin1', 'broken', 'good'].map(path));
    expect(stderr.split('\n')).toEqual([
      `error: Cannot read ${path('missing')}: there is no such file`,
      `error: Cannot read ${path('folder')}: it is a folder: name the files in it`,
      `error: Cannot read ${path('latin1')}: it is not valid UTF-8`,
      `error: Cannot read ${path('broken')}: after document 1, which begins on line 1: it is not valid UTF-8`,
      '',
    ]);
    expect(stdout).toContain('shop/a');
    expect(exitCode).toBe(2);
  });

  test('says what else keeps it from reading', async () => {
    const { exitCode, stderr } = await review(['\0']);
    expect(stderr).toMatch(/^error: Cannot read \0: .*null bytes/);
    expect(exitCode).toBe(2);
  });

  test('sums up for who looks on, on stderr', async () => {
    const { stdout, stderr } = await review(['-o', 'patch'], `${LACKING}---\n${COMPLETE}`, true);
    expect(stderr).toBe('2 reviewed, 1 without one of the labels\n');
    expect(stdout.split('\n')).toHaveLength(3);
  });

  test('aligns what it prints page by page, and waits for a slow reader', async () => {
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
