import { readFileSync } from 'node:fs';
import { describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { GOLDEN } from './golden-files.ts';
import { objectsOf, render, type Values } from './helm.ts';

/** Valid names in Kubernetes that unquoted YAML reads as a boolean, a number or a date. */
const NAMES = ['on', '1e3', '2001-01-01'];

/** A name that YAML reads as a string, and that the chart does not contain. */
const PLAIN = 'plain-name';

/** The prefix of object names if the release name starts with a digit: a Service's name must start with a letter. */
const PREFIX = 'release-';

describe.skipIf(inject('helm') === null)('a release', () => {
  for (const name of NAMES) {
    test.for(GOLDEN)(
      `named ${name} in the namespace ${name} is rendered like any other, with the values $name`,
      async ({ file }) => {
        const values = parse(readFileSync(file, 'utf8'), { version: '1.1' }) ?? {};

        const withoutPrefix = JSON.parse(JSON.stringify(await rendered(values, name)).replaceAll(PREFIX, ''));
        expect(withoutPrefix).toEqual(await rendered(values, PLAIN, name));
      },
    );
  }

  // Only names that start with a letter: the chart refuses others.
  test.for(['y', 'null'])('with %s as the value of every name is rendered like any other', async (name) => {
    const valuesOf = (given: string): Values => ({
      fullnameOverride: given,
      priorityClassName: given,
      commonLabels: { team: given },
      serviceAccount: { name: given },
      imagePullSecrets: [{ name: given }],
      certificates: { mode: 'cert-manager', certManager: { issuerRef: { name: given, kind: given, group: given } } },
      monitoring: { prometheusRule: { enabled: true }, serviceMonitor: { enabled: true } },
    });

    expect(await rendered(valuesOf(name), name)).toEqual(await rendered(valuesOf(PLAIN), PLAIN, name));
  });
});

/** Renders a release with the same name as its namespace, and replaces this name in the result. */
async function rendered(values: Values, name: string, replacedBy = name): Promise<unknown> {
  const objects = objectsOf(await render(values, { name, namespace: name }));
  return JSON.parse(JSON.stringify(objects).replaceAll(name, replacedBy));
}
