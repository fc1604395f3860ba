import type { Labels } from '../../src/objects/label-selector.ts';

/** What the API server makes of a `labelSelector`, as far as this project writes them: `a`, `!a`, `a=b`, `a!=b`, joined by commas. */
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
