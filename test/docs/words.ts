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
];

/** The prose of a page, without code, addresses and tables of contents. */
export function proseOf(text: string): string {
  return text
    .replaceAll(/^```.*?^```/gms, '')
    .replaceAll(/<!--.*?-->/gs, '')
    .replaceAll(/`[^`\n]*`/g, '`…`')
    .replaceAll(/\]\([^)]*\)/g, ']');
}
