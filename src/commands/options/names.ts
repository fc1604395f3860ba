import { isIP } from 'node:net';

export function parseNamespacedName(text: string): { namespace: string; name: string } | undefined {
  const [namespace = '', name = '', ...rest] = text.split('/');
  return isName(namespace) && isName(name) && rest.length === 0 ? { namespace, name } : undefined;
}

export function parseObjectName(text: string): string | undefined {
  return isName(text) ? text : undefined;
}

/** An IP address, or a DNS name as an object or a URL's host has it (RFC 1123). */
export function isName(name: string): boolean {
  if (isIP(name) !== 0) return true;
  const labels = name.split('.');
  return name.length <= 253 && labels.every((label) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(label));
}
