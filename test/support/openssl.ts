import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyedCertificate } from '../../src/certificates/issue.ts';

/** Runs openssl, an implementation of X.509 that is not ours. */
export function openssl(args: readonly string[], cwd = '.', input = ''): string {
  return execFileSync('openssl', args, { cwd, input, encoding: 'utf8', stdio: 'pipe' });
}

/** A self-signed certificate that was not made here. */
export function foreignCertificate({ bits = 2048, commonName = 'Another CA', isCA = true } = {}): KeyedCertificate {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-name-webhook-'));
  const key = ['-newkey', `rsa:${bits}`, '-noenc', '-keyout', 'key'];
  const subject = ['-subj', `/CN=${commonName}`, '-addext', `basicConstraints=CA:${isCA}`];
  openssl(['req', '-x509', ...key, ...subject, '-days', '1', '-out', 'cert'], folder);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  const made = { cert: read('cert'), key: read('key') };
  rmSync(folder, { recursive: true });
  return made;
}
