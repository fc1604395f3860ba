/** A pattern of sentences that read as translated, and a replacement. */
export interface Fault {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** Each pattern was found in these pages, and matches no correct sentence in them. */
export const FAULTS: readonly Fault[] = [
  { pattern: /(?:^|[.:;] )(?:[-*] |\d+\. )?Who (?!.*\?)/m, instead: 'name the subject: "If you list namespaces, …"' },
  { pattern: /\b(?:is|are) to be\b/, instead: 'must, can, or the present tense' },
  { pattern: /\bof [^.,;:()|`]{1,30} of [^.,;:()|`]{1,30} of\b/, instead: 'split the chain of "of"' },
  { pattern: /\bfolders?\b/i, instead: 'directory' },
  { pattern: /\b(?:lack|lacks|lacked|lacking)\b/i, instead: 'is missing, does not have' },
  { pattern: /\brights\b|\ba right\b|\bright (?:to|is|that)\b/i, instead: 'permission' },
  { pattern: /\b(?:somebody|anybody|nobody|whoever)\b/i, instead: 'name who it is, or use the passive voice' },
  { pattern: /\b(?:puts?|set|make|made) (?:it |them |that )?right\b/i, instead: 'repair, fix' },
  { pattern: /\b(?:by itself|of itself)\b/i, instead: 'automatically' },
  { pattern: /\bso (?:that|as) (?:nobody|nothing)\b/i, instead: 'say what happens' },
  { pattern: /\bin (?:the|their|its) place of\b/i, instead: 'instead of' },
  { pattern: /\bmends?\b/i, instead: 'repair, fix' },
  { pattern: /\bmeanwhile\b/i, instead: 'until then' },
  { pattern: /\b(?:tells?|told) (?:of|that|which|whether|how|why|the same)\b/i, instead: 'report, say, show' },
  { pattern: /(?:^|[.:;] )Of (?!course\b|\d)/m, instead: 'begin with a noun: "The namespace of …"' },
  { pattern: /(?:^|[.:;] )Else\b/m, instead: 'otherwise' },
  { pattern: /\bwhere there (?:is|are) (?:none|no|one)\b|\bundefined where\b/i, instead: 'if there is none' },
  { pattern: /\banew\b/i, instead: 'again' },
  { pattern: /\bsa(?:y|ys|id) of\b/i, instead: 'say about' },
  { pattern: /\b(?:comes?|came) of\b/i, instead: 'result, outcome' },
  { pattern: /\bgo(?:es|ne)? on with\b/i, instead: 'continue' },
  { pattern: /\bby turns\b|\bin its turn\b/i, instead: 'in turn' },
];

/** The prose of a page, without code, addresses and tables of contents. */
export function proseOf(text: string): string {
  return text
    .replaceAll(/^```.*?^```/gms, '')
    .replaceAll(/<!--.*?-->/gs, '')
    .replaceAll(/`[^`\n]*`/g, '`…`')
    .replaceAll(/\]\([^)]*\)/g, ']');
}

/** The comments of a TypeScript file, each on a line, without code. */
export function commentsOf(text: string): string {
  return [...text.matchAll(/^[ \t]*(?:\/\*[\s\S]*?\*\/|\/\/.*(?:\n[ \t]*\/\/.*)*)/gm)]
    .map(([comment]) =>
      comment
        .replaceAll(/^[ \t]*(?:\/\*\*?|\*\/|\*|\/\/) ?| ?\*\/$/gm, '')
        .replaceAll('\n', ' ')
        .trim(),
    )
    .join('\n')
    .replaceAll(/`[^`\n]*`/g, '`…`');
}
