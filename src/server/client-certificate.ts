import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { CLIENT_CERTIFICATE_REQUIRED } from '../admission/client-certificate.ts';

/**
 * Says why a client is not served if a client certificate is required; undefined if it is served.
 *
 * Handshakes succeed without a certificate, and requests are rejected: a TLS alert would not say what is missing, and the
 * server's handshake with itself, on which readiness depends, has no certificate.
 */
export function clientProblem(socket: Socket): string | undefined {
  // Not `authorized` alone: it is true for a resumed session of TLS 1.3 that began without a certificate.
  if (!(socket instanceof TLSSocket) || socket.getPeerX509Certificate() === undefined)
    return CLIENT_CERTIFICATE_REQUIRED;
  if (socket.authorized) return undefined;
  return `${CLIENT_CERTIFICATE_REQUIRED}, and this one is not accepted: ${socket.authorizationError}`;
}
