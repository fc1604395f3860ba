import { documentWriter, type StructuredForm } from './structured-output.ts';

/** A document of one list, written as its items come, and of what is known at its end. Each call returns the text to write. */
export interface ListDocument {
  readonly add: (item: object) => string;
  /** A field that is undefined is left out. */
  readonly end: (fields: object) => string;
}

/** Builds the document; `key` is the list's. */
export function buildListDocument(form: StructuredForm, key: string): ListDocument {
  const document = documentWriter(form);
  let begin = document.list(key);
  const begun = (text: string): string => {
    const whole = begin + text;
    begin = '';
    return whole;
  };
  return {
    add: (item) => begun(document.add(item)),
    end: (fields) => {
      const known = Object.entries(fields).filter(([, value]) => value !== undefined);
      return begun([...known.map(([name, value]) => document.field(name, value)), document.end()].join(''));
    },
  };
}
