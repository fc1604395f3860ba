import { describe, expect, test } from 'vitest';
import { withLeadingFlagsLast } from '../../../src/commands/options/leading-flags.ts';

describe('withLeadingFlagsLast()', () => {
  test.for([
    { argv: '', moved: '' },
    { argv: 'audit -A', moved: 'audit -A' },
    { argv: '-A audit', moved: 'audit -A' },
    { argv: '-n a audit -o name', moved: 'audit -o name -n a' },
    { argv: '-na --context=x --kubeconfig f audit', moved: 'audit -na --context=x --kubeconfig f' },
    { argv: '--namespace a -n b list eg', moved: 'list eg --namespace a -n b' },
    {
      argv: '--as jane --as-group g --as-group=h -l a=b audit',
      moved: 'audit --as jane --as-group g --as-group=h -l a=b',
    },
    { argv: '--request-timeout 5s certs status', moved: 'certs status --request-timeout 5s' },
    { argv: '-A review -- -n a', moved: 'review -A -- -n a' },
    { argv: '--help audit', moved: '--help audit' },
    { argv: '--version', moved: '--version' },
    { argv: '-n', moved: '-n' },
    { argv: '--contextual a audit', moved: '--contextual a audit' },
  ])('returns "$moved" for "$argv"', ({ argv, moved }) => {
    const words = (text: string) => text.split(' ').filter(Boolean);
    expect(withLeadingFlagsLast(words(argv))).toEqual(words(moved));
  });
});
