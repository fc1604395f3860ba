import { type Field, findField } from './json-field.ts';
import type { JsonText } from './json-text.ts';

/** An object that is open and kept. */
interface KeptObject {
  readonly fields: readonly Field[];
  readonly value: Record<string, unknown>;
}

/**
 * The kept parts of a JSON value while it is read. If keys are equal, the last one counts, and replaces the whole value of
 * the first one.
 */
export class SparseValue {
  /** The outermost object: its only field is the value itself. */
  readonly #whole: KeptObject;
  /** From the outside in. */
  readonly #open: KeptObject[] = [];
  #innermost: KeptObject;
  /** What the next value belongs to. */
  #field: Field;

  constructor(root: Field) {
    this.#field = root;
    this.#whole = { fields: [root], value: {} };
    this.#innermost = this.#whole;
  }

  /** Undefined until something is kept. */
  get value(): unknown {
    return Object.values(this.#whole.value)[0];
  }

  /** Reports whether the value of a key is kept. */
  key(key: JsonText): boolean {
    const field = findField(this.#innermost.fields, key);
    this.#field = field ?? this.#field;
    return field !== undefined;
  }

  put(value: unknown): void {
    this.#innermost.value[this.#field.key] = value;
  }

  openObject(): void {
    const object = { fields: this.#field.fields, value: {} };
    this.put(object.value);
    this.#open.push(object);
    this.#innermost = object;
  }

  closeObject(): void {
    this.#open.pop();
    this.#innermost = this.#open.at(-1) ?? this.#whole;
  }

  /** Whether an object is open. */
  get isOpen(): boolean {
    return this.#innermost !== this.#whole;
  }
}
