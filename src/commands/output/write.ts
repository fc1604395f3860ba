import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes, and waits if the reader is slower. */
export async function write(stream: Writable, text: string | Uint8Array): Promise<void> {
  if (text.length > 0 && !stream.write(text)) await once(stream, 'drain');
}
