/** The namespaces that a command looks at. */
export interface Scope {
  /** Empty: all. */
  readonly namespaces: readonly string[];
  /** As kubectl's `-l`, only with all; empty: none. */
  readonly namespaceSelector: string;
}
