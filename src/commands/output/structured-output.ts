import { stringify } from 'yaml';

export type StructuredForm = 'json' | 'yaml';

/**
 * Writes one document piece by piece, so that a list of any length takes the memory of its longest item. Each call returns the
 * text to write. A document has a list or a field at least; one that is not ended is not valid JSON.
 */
export interface DocumentWriter {
  /** Begins a list; what is added from now on is in it. */
  readonly list: (key: string) => string;
  readonly add: (item: object) => string;
  /** Ends the list before it, if there is one. */
  readonly field: (key: string, value: FieldValue) => string;
  readonly end: () => string;
}

/** As JSON has them: `undefined` inside of objects is left out. */
type FieldValue = string | number | boolean | null | object;

export function documentWriter(form: StructuredForm): DocumentWriter {
  return { json: jsonWriter, yaml: yamlWriter }[form]();
}

/** Formats a document that is there as a whole. */
export function formatDocument(form: StructuredForm, document: object): string {
  return form === 'json' ? `${JSON.stringify(document, null, 2)}\n` : formatYaml(document);
}

/** An item and a field have a line each: a document of 100,000 items can still be searched and compared line by line. */
function jsonWriter(): DocumentWriter {
  let keySeparator = '{\n';
  let itemSeparator = '';
  let listEnd = '';
  const begin = (key: string): string => {
    const text = `${listEnd}${keySeparator}  ${JSON.stringify(key)}: `;
    keySeparator = ',\n';
    listEnd = '';
    return text;
  };
  return {
    list: (key) => {
      const text = `${begin(key)}[`;
      itemSeparator = '\n';
      listEnd = ']';
      return text;
    },
    add: (item) => {
      const text = `${itemSeparator}    ${JSON.stringify(item)}`;
      itemSeparator = ',\n';
      listEnd = '\n  ]';
      return text;
    },
    field: (key, value) => `${begin(key)}${JSON.stringify(value)}`,
    end: () => `${listEnd}\n}\n`,
  };
}

function yamlWriter(): DocumentWriter {
  let listBegin = '';
  let emptyList = '';
  const endList = (): string => {
    const text = emptyList;
    emptyList = '';
    return text;
  };
  return {
    list: (key) => {
      const text = endList();
      listBegin = `${key}:\n`;
      emptyList = `${key}: []\n`;
      return text;
    },
    add: (item) => {
      const text = `${listBegin}${formatYaml([item])}`;
      listBegin = '';
      emptyList = '';
      return text;
    },
    field: (key, value) => `${endList()}${formatYaml({ [key]: value })}`,
    end: endList,
  };
}

/** `no`, `1:30` and dates are in quotes: readers of YAML 1.1, kubectl among them, would take them for something else. */
function formatYaml(value: object): string {
  return stringify(value, { compat: 'yaml-1.1', lineWidth: 0, aliasDuplicateObjects: false });
}
