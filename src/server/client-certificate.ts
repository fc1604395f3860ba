import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { CLIENT_CERTIFICATE_REQUIRED } from '../admission/client-certificate.ts';

/**
 * Says why a client is not served, where only those with a certificate are; undefined when it is.
 *
 * Handshakes succeed without one, and requests are refused: an alert of TLS would tell nobody what is missing, and the
 * handshake with ourselves, which readiness takes, has none.
 */
export function clientProblem(socket: Socket): string | undefined {
  // Not `authorized` alone: it is true for a resumed session of TLS 1.3 that began without a certificate.
  if (!(socket instanceof TLSSocket) || socket.getPeerX509Certificate() === undefined)
    return CLIENT_CERTIFICATE_REQUIRED;
  if (socket.authorized) return undefined;
  return `${CLIENT_CERTIFICATE_REQUIRED}, and this one is not accepted: ${socket.authorizationError}`;
}
