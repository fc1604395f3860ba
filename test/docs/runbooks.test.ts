import { expect, test } from 'vitest';
import { readPage } from '../support/pages.ts';

const [, ...SECTIONS] = readPage('docs/runbooks.md').text.split(/^## /m);

test.for(SECTIONS.map((section) => [section.replace(/\n.*/s, ''), section] as const))(
  'the runbook of %s says what it means, what to check, what to do and when it is over',
  ([, section]) => {
    const parts = [...section.matchAll(/^\*\*(.*?)\*\*/gm)].map(([, part]) => part);
    expect(parts).toEqual(['Meaning', 'Check', 'Do', 'Over when']);
  },
);
