import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { anchorsOf } from './support/pages.ts';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
const { name, version, license, repository } = JSON.parse(read('package.json'));
const { annotations, ...chart } = parse(read('charts/gateway-name-webhook/Chart.yaml'));
const annotation = (key: string) => parse(annotations[`artifacthub.io/${key}`]);
const address = repository.url.replace(/^git\+|\.git$/g, '');

// Artifact Hub silently ignores what it cannot parse.
describe("the chart's annotations for Artifact Hub", () => {
  test("name the chart's default image", () => {
    const installed = read('test/chart/golden/default.golden.yaml').matchAll(/ image: "(.*)"/g);
    const images = new Set(Array.from(installed, ([, image]) => image));
    expect(annotation('images').map(({ image }: { image: string }) => image)).toEqual([...images]);
  });

  test('have the license of the package, and a valid category', () => {
    expect(annotation('license')).toBe(license);
    expect(annotation('category')).toBe('networking');
  });

  test('describe changes of valid kinds', () => {
    expect(annotation('changes')).not.toEqual([]);
    for (const change of annotation('changes')) {
      expect(change).toEqual({
        kind: expect.stringMatching(/^(added|changed|deprecated|removed|fixed|security)$/),
        description: expect.stringMatching(/^\S.*[^.]$/),
      });
    }
  });

  test('are about this version', () => {
    expect(chart).toMatchObject({ name, version, appVersion: version, home: address, sources: [address] });
  });
});

test.for(['charts/gateway-name-webhook/Chart.yaml', 'charts/gateway-name-webhook/README.md'])(
  'links in %s to this repository resolve, including headings',
  (file) => {
    const links = [...read(file).matchAll(new RegExp(`${address}/(?:blob|raw)/main/([\\w./-]+)(?:#([\\w-]+))?`, 'g'))];
    expect(links).not.toEqual([]);
    for (const [, path = '', heading] of links) {
      const text = read(path);
      if (heading) expect(anchorsOf({ text }), path).toContain(heading);
    }
  },
);

test("links within the chart's README resolve", () => {
  const readme = read('charts/gateway-name-webhook/README.md');
  const links = Array.from(readme.matchAll(/\]\(#([\w-]+)\)/g), ([, heading]) => heading);
  expect(links).not.toEqual([]);
  expect(anchorsOf({ text: readme })).toEqual(expect.arrayContaining(links));
});
