import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyedCertificate } from '../../src/certificates/issue.ts';

/** Runs openssl, an independent implementation of X.509. */
export function openssl(args: readonly string[], cwd = '.', input = ''): string {
  return execFileSync('openssl', args, { cwd, input, encoding: 'utf8', stdio: 'pipe' });
}

interface ForeignOptions {
  readonly bits?: number;
  readonly commonName?: string;
  readonly isCA?: boolean;
  /** The issuer; by default, the certificate is self-signed. */
  readonly issuer?: KeyedCertificate;
}

/** A certificate that this program did not issue. */
export function foreignCertificate(options: ForeignOptions = {}): KeyedCertificate {
  const { bits = 2048, commonName = 'Another CA', isCA = true, issuer } = options;
  const directory = mkdtempSync(join(tmpdir(), 'gateway-name-webhook-'));
  const key = ['-newkey', `rsa:${bits}`, '-noenc', '-keyout', 'key'];
  const subject = ['-subj', `/CN=${commonName}`, '-addext', `basicConstraints=CA:${isCA}`];
  const by = issuer ? ['-CA', 'issuer', '-CAkey', 'issuer-key'] : [];
  if (issuer) {
    writeFileSync(join(directory, 'issuer'), issuer.cert);
    writeFileSync(join(directory, 'issuer-key'), issuer.key);
  }
  openssl(['req', '-x509', ...by, ...key, ...subject, '-days', '1', '-out', 'cert'], directory);
  const read = (file: string) => readFileSync(join(directory, file), 'utf8');
  const made = { cert: read('cert'), key: read('key') };
  rmSync(directory, { recursive: true });
  return made;
}
