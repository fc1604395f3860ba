import { describe, expect, test } from 'vitest';
import { bundledDirectories, bundledPackages } from '../../release/bundled-packages.ts';
import { bundleOf } from '../support/bundle.ts';

describe('bundledDirectories()', () => {
  test.for([
    { name: 'none for files of the project', inputs: ['src/main.ts', 'package.json'], directories: [] },
    {
      name: 'a package once',
      inputs: ['node_modules/yaml/a.js', 'node_modules/yaml/b/c.js'],
      directories: ['node_modules/yaml'],
    },
    { name: 'a scoped package', inputs: ['node_modules/@a/b/c.js'], directories: ['node_modules/@a/b'] },
    {
      name: 'a nested package',
      inputs: ['node_modules/a/node_modules/@b/c/d.js'],
      directories: ['node_modules/a/node_modules/@b/c'],
    },
    {
      name: 'the packages in a published file',
      inputs: ['node_modules/jsonpath-plus/dist/index-node-esm.js'],
      directories: [
        'node_modules/@jsep-plugin/assignment',
        'node_modules/@jsep-plugin/regex',
        'node_modules/jsep',
        'node_modules/jsonpath-plus',
      ],
    },
  ])('returns $name', ({ inputs, directories }) => {
    expect(bundledDirectories(bundleOf(...inputs))).toEqual(directories);
  });
});

describe('bundledPackages()', () => {
  test('returns the data of the lockfile and the license files', async () => {
    const [scoped, forge] = await bundledPackages(
      bundleOf('node_modules/node-forge/lib/x509.js', 'node_modules/@fastify/error/index.js'),
    );
    expect(scoped).toMatchObject({
      name: '@fastify/error',
      license: 'MIT',
      texts: [expect.stringContaining('MIT License')],
    });
    expect(forge).toMatchObject({
      name: 'node-forge',
      license: '(BSD-3-Clause OR GPL-2.0)',
      version: expect.stringMatching(/^1\./),
      integrity: expect.stringMatching(/^sha512-/),
    });
  });
});
