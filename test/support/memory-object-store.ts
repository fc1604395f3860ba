import type { Kind, Label } from '../../src/admission/gateway.ts';
import type { Labels } from '../../src/objects/label-selector.ts';
import type {
  ObjectQuery,
  ObjectReference,
  ObjectStore,
  PodSelecting,
  SelectingKind,
  StoredNamespace,
  Written,
} from '../../src/objects/object-store.ts';
import type { StoredObject } from '../../src/objects/stored-object.ts';
import { selects } from './label-selection.ts';
import { CREATED_AT, type NewObject } from './stored-objects.ts';

/** An operation and its target: an object's key, or a list's kind, namespace and selector. */
export interface Operation {
  readonly name: keyof ObjectStore;
  readonly of: string;
}

/** An added label, also in a dry run. */
interface Write {
  readonly key: string;
  readonly before: Labels;
  readonly label: Label;
  readonly dryRun: boolean;
}

/** An `ObjectStore` in memory, with resourceVersions and pages like those of the API server. */
export class MemoryObjectStore implements ObjectStore {
  #version = 0;
  readonly #objects = new Map<string, StoredObject>();
  readonly namespaceLabels = new Map<string, Labels>();
  readonly selecting: PodSelecting[] = [];
  readonly operations: Operation[] = [];
  readonly writes: Write[] = [];
  /** The number of objects per page of a list. */
  pageSize = 2;
  /** Aborts lists, like the signal of the real store. */
  signal = new AbortController().signal;
  /** Called before each operation, and each page of a list: may change the store, delay, or reject. */
  before: (operation: Operation) => void | Promise<void> = () => {};
  /** Returns the API server's reason for denying a change, or undefined if it accepts the change. */
  refuse: (object: StoredObject) => string | undefined = () => undefined;
  /** Called after each write. */
  after: (write: Write) => void = () => {};

  constructor(...objects: readonly NewObject[]) {
    for (const object of objects) this.put(object);
  }

  /** All objects, in the API server's order. */
  get objects(): readonly StoredObject[] {
    return [...this.#objects.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  /** The labels of each object, by its key. */
  get labels(): Readonly<Record<string, Labels>> {
    return Object.fromEntries(this.objects.map((object) => [keyOf(object), object.metadata.labels ?? {}]));
  }

  /** Another client creates an object, or replaces the one of the same name. */
  put({ kind, metadata }: NewObject): StoredObject {
    const version = this.#nextVersion();
    const given = { uid: `uid-${version}`, creationTimestamp: CREATED_AT, ...metadata, resourceVersion: version };
    const object = { kind, metadata: given };
    this.#objects.set(keyOf(object), object);
    return object;
  }

  /** Another client changes an object, if it exists. */
  relabel(key: string, labels: Labels | undefined): void {
    const object = this.#objects.get(key);
    if (!object) return;
    const { labels: _, ...metadata } = object.metadata;
    const written = { ...metadata, ...(labels && { labels }), resourceVersion: this.#nextVersion() };
    this.#objects.set(key, { kind: object.kind, metadata: written });
  }

  delete(key: string): void {
    this.#objects.delete(key);
  }

  async *list({ kind, namespace, labelSelector, limit = this.pageSize }: ObjectQuery): AsyncGenerator<StoredObject> {
    const operation = { name: 'list', of: [kind, namespace ?? '*', labelSelector].join(' ') } as const;
    await this.#begin(operation);
    const isListed = ({ kind: itsKind, metadata }: StoredObject) =>
      itsKind === kind &&
      (namespace === undefined || metadata.namespace === namespace) &&
      selects(labelSelector, metadata.labels ?? {});
    // All pages show the state at the time of the first one.
    for (const [index, object] of this.objects.filter(isListed).entries()) {
      if (index > 0 && index % limit === 0) await this.#begin(operation);
      yield object;
    }
  }

  async get(reference: ObjectReference): Promise<StoredObject | undefined> {
    await this.#begin({ name: 'get', of: keyOfReference(reference) });
    return this.#objects.get(keyOfReference(reference));
  }

  async addLabel(object: StoredObject, label: Label, { dryRun }: { readonly dryRun: boolean }): Promise<Written> {
    const key = keyOf(object);
    await this.before(this.#note({ name: 'addLabel', of: key }));
    const stored = this.#objects.get(key);
    if (!stored) return 'gone';
    if (stored.metadata.resourceVersion !== object.metadata.resourceVersion) return 'conflict';
    const refused = this.refuse(stored);
    if (refused !== undefined) return { refused };
    const before = stored.metadata.labels ?? {};
    if (!dryRun) this.relabel(key, { ...before, [label.key]: label.value });
    const write = { key, before, label, dryRun };
    this.writes.push(write);
    this.after(write);
    return 'added';
  }

  async *namespaces(labelSelector: string): AsyncGenerator<StoredNamespace> {
    await this.#begin({ name: 'namespaces', of: labelSelector });
    for (const [name, labels] of this.namespaceLabels) if (selects(labelSelector, labels)) yield { name, labels };
  }

  async *podSelecting(kind: SelectingKind, namespace: string | undefined): AsyncGenerator<PodSelecting> {
    await this.#begin({ name: 'podSelecting', of: `${kind} ${namespace ?? '*'}` });
    for (const one of this.selecting) {
      if (one.kind === kind && (namespace === undefined || one.namespace === namespace)) yield one;
    }
  }

  /** Starts an operation that an interruption aborts. */
  async #begin(operation: Operation): Promise<void> {
    this.signal.throwIfAborted();
    await this.before(this.#note(operation));
  }

  #note(operation: Operation): Operation {
    this.operations.push(operation);
    return operation;
  }

  #nextVersion(): string {
    this.#version += 1;
    return String(this.#version);
  }
}

/** Returns the key of an object: `Pod/system/a`. */
export function keyOf({ kind, metadata: { namespace, name } }: NewObject): string {
  return keyOfReference({ kind, namespace, name });
}

function keyOfReference({ kind, namespace, name }: { kind: Kind; namespace: string; name: string }): string {
  return `${kind}/${namespace}/${name}`;
}
