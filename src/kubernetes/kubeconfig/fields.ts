/** The fields of an untrusted object, read by type. As in Go, a missing field is the zero value of its type. */
export class Fields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(value: unknown, path = '') {
    this.#path = path;
    this.#fields = expectType(value ?? {}, isObject, 'an object', path || 'the document');
  }

  text(key: string): string {
    return this.#read(key, '', (value) => typeof value === 'string', 'a string');
  }

  flag(key: string): boolean {
    return this.#read(key, false, (value) => typeof value === 'boolean', 'true or false');
  }

  texts(key: string): readonly string[] {
    return this.#read<readonly string[]>(key, [], isTexts, 'a list of strings');
  }

  /** Lists of strings, by name. */
  textLists(key: string): Readonly<Record<string, readonly string[]>> {
    const lists = this.fields(key);
    return Object.fromEntries(lists.keys.map((name) => [name, lists.texts(name)]));
  }

  /** PEM in base64. */
  base64(key: string): string {
    const text = this.text(key).replace(/[\r\n]/g, '');
    expectType(text, isBase64, 'base64', this.#pathOf(key));
    return Buffer.from(text, 'base64').toString('utf8');
  }

  fields(key: string): Fields {
    return new Fields(this.#fields[key], this.#pathOf(key));
  }

  list(key: string): readonly Fields[] {
    const items = this.#read<readonly unknown[]>(key, [], Array.isArray, 'a list');
    return items.map((item, index) => new Fields(item, `${this.#pathOf(key)}[${index}]`));
  }

  /** A field that is passed on as it is. */
  unknown(key: string): unknown {
    return this.#fields[key] ?? undefined;
  }

  get keys(): readonly string[] {
    return Object.keys(this.#fields);
  }

  #read<T>(key: string, empty: T, isExpected: (value: unknown) => boolean, expected: string): T {
    return expectType(this.#fields[key] ?? empty, isExpected, expected, this.#pathOf(key)) as T;
  }

  #pathOf(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }
}

function expectType<T>(value: T, isExpected: (value: unknown) => boolean, expected: string, path: string) {
  if (!isExpected(value)) throw new Error(`${path} is not ${expected}`);
  return value as T & Readonly<Record<string, unknown>>;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value);
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isBase64(value: unknown): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value as string);
}
