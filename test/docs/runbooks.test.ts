import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const PAGE = readFileSync(new URL('../../docs/runbooks.md', import.meta.url), 'utf8');
const [, ...SECTIONS] = PAGE.split(/^## /m);

test.for(SECTIONS.map((section) => [section.replace(/\n.*/s, ''), section] as const))(
  'the runbook of %s says what it means, what to check, what to do and when it is over',
  ([, section]) => {
    const parts = [...section.matchAll(/^\*\*(.*?)\*\*/gm)].map(([, part]) => part);
    expect(parts).toEqual(['Meaning', 'Check', 'Do', 'Over when']);
  },
);
