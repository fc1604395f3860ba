/** What labels new objects. */
export type Engine = 'webhook' | 'policy' | 'both' | 'none';
