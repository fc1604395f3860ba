import type { Labels } from '../../src/objects/label-selector.ts';

/** Evaluates a `labelSelector` as the API server does, in the syntax that this project uses: `a`, `!a`, `a=b`, `a!=b`, joined by commas. */
export function selects(labelSelector: string, labels: Labels = {}): boolean {
  return labelSelector
    .split(',')
    .filter(Boolean)
    .every((requirement) => {
      const [, not, key = '', operator, value] = /^(!?)([^!=]+)(?:(!?=)(.*))?$/.exec(requirement) ?? [];
      if (operator === '=') return labels[key] === value;
      if (operator === '!=') return labels[key] !== value;
      return Object.hasOwn(labels, key) === (not === '');
    });
}
