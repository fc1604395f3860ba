import { readFileSync } from 'node:fs';
import { describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { GOLDEN } from './golden-files.ts';
import { objectsOf, render, type Values } from './helm.ts';

/** Names that Kubernetes takes, and YAML for a boolean, a number or a date when nothing quotes them. */
const NAMES = ['on', '1e3', '2001-01-01'];

/** A name that YAML takes for what it is, and that is nowhere else in what the chart renders. */
const PLAIN = 'plain-name';

/** What comes before the names of objects of a release whose name has a digit first: a Service's begins with a letter. */
const PREFIX = 'release-';

describe.skipIf(inject('helm') === null)('a release', () => {
  for (const name of NAMES) {
    test.for(GOLDEN)(
      `named ${name}, in a namespace ${name}, is as any other, with the values $name`,
      async ({ file }) => {
        const values = parse(readFileSync(file, 'utf8'), { version: '1.1' }) ?? {};

        const withoutPrefix = JSON.parse(JSON.stringify(await rendered(values, name)).replaceAll(PREFIX, ''));
        expect(withoutPrefix).toEqual(await rendered(values, PLAIN, name));
      },
    );
  }

  // A letter comes first: the chart refuses others.
  test.for(['y', 'null'])('whose objects, and all that is named by a user, are named %s', async (name) => {
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

/** What Helm renders for a release of that name in a namespace of that name; with that name replaced by another. */
async function rendered(values: Values, name: string, replacedBy = name): Promise<unknown> {
  const objects = objectsOf(await render(values, { name, namespace: name }));
  return JSON.parse(JSON.stringify(objects).replaceAll(name, replacedBy));
}
