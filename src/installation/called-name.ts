import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';

/** The options of a TLS client that expects this name or address, regardless of what it connects to. */
export function calledBy(name: string): Pick<ConnectionOptions, 'servername' | 'checkServerIdentity'> {
  return {
    // Server Name Indication is for names only (RFC 6066, section 3).
    ...(isIP(name) === 0 && { servername: name }),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
  };
}
