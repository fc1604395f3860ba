import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { isOwnCA, issueCA, issueServingCertificate, type KeyedCertificate } from '../../src/certificates/issue.ts';
import { hoursLater, localCertificates, validFor } from '../support/certificates.ts';
import { foreignCertificate, openssl } from '../support/openssl.ts';

const SERVICE = `${'a-release-name-of-sixty-three-characters'.padEnd(63, 'x')}.a-namespace.svc`;
const NAMES = ['localhost', SERVICE, '127.0.0.1', '::1'];

let ca: KeyedCertificate;
let serving: KeyedCertificate;

beforeAll(async () => {
  ca = await issueCA(validFor(24 * 365));
  serving = await issueServingCertificate({ ca, names: NAMES, ...validFor(24) });
});

describe('issueCA()', () => {
  test('issues a CA signed with its own key, with the given validity', () => {
    const certificate = new X509Certificate(ca.cert);
    expect(certificate.ca).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(ca.key))).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subject).toBe(certificate.issuer);
    expect(certificate.validFromDate).toEqual(hoursLater(-1));
    expect(certificate.validToDate).toEqual(hoursLater(24 * 365));
  });

  test('may sign certificates, but no other CAs', () => {
    const text = described(ca.cert);
    expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:TRUE, pathlen:0\n/);
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
  });

  test('gives each CA its own name and key', async () => {
    const other = new X509Certificate((await issueCA(validFor(1))).cert);
    expect(other.subject).not.toBe(new X509Certificate(ca.cert).subject);
    expect(other.publicKey.equals(new X509Certificate(ca.cert).publicKey)).toBe(false);
  });
});

describe('issueServingCertificate()', () => {
  test('issues a certificate for the names, signed by the CA', () => {
    const certificate = new X509Certificate(serving.cert);
    expect(certificate.checkPrivateKey(createPrivateKey(serving.key))).toBe(true);
    expect(certificate.verify(new X509Certificate(ca.cert).publicKey)).toBe(true);
    expect(certificate.checkIssued(new X509Certificate(ca.cert))).toBe(true);
    expect(certificate.subject).toBe('CN=gateway-name-webhook');
    expect(certificate.subjectAltName).toBe(
      `DNS:localhost, DNS:${SERVICE}, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1`,
    );
    expect(certificate.validFromDate).toEqual(hoursLater(-1));
    expect(certificate.validToDate).toEqual(hoursLater(24));
  });

  test('is a server certificate, and not a CA', () => {
    const text = described(serving.cert);
    expect(text).toMatch(/X509v3 Basic Constraints: critical\s+CA:FALSE\n/);
    expect(text).toMatch(/X509v3 Key Usage: critical\s+Digital Signature, Key Encipherment\n/);
    expect(text).toMatch(/X509v3 Extended Key Usage: \s+TLS Web Server Authentication\n/);
  });

  test("identifies its CA by key: its authority key identifier is the CA's subject key identifier", () => {
    const subjectKey = /X509v3 Subject Key Identifier: \s+([0-9A-F:]{59})\n/.exec(described(ca.cert))?.[1];
    const authorityKey = /X509v3 Authority Key Identifier: \s+(?:keyid:)?([0-9A-F:]{59})\n/;
    expect(subjectKey).toBeDefined();
    expect(authorityKey.exec(described(ca.cert))?.[1]).toBe(subjectKey);
    expect(authorityKey.exec(described(serving.cert))?.[1]).toBe(subjectKey);
  });

  test('never outlives its CA', async () => {
    const shortCA = await issueCA(validFor(2));
    const { cert } = await issueServingCertificate({ ca: shortCA, names: ['localhost'], ...validFor(24) });
    expect(new X509Certificate(cert).validToDate).toEqual(hoursLater(2));
  });

  test('satisfies Go clients: RSA with 2048 bits, SHA-256, and a positive serial number of 16 bytes', async () => {
    const issued = await Promise.all(Array.from({ length: 24 }, () => issueCA(validFor(1))));
    const certificates = [serving, ca, ...issued].map(({ cert }) => new X509Certificate(cert));
    for (const certificate of certificates) {
      expect(certificate.signatureAlgorithm).toBe('sha256WithRSAEncryption');
      expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
      expect(certificate.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
    }
    expect(new Set(certificates.map(({ serialNumber }) => serialNumber)).size).toBe(certificates.length);
  });

  test.for(['localhost', '127.0.0.1', '::1'])('is accepted by a TLS client that connects to %s', async (name) => {
    const local = await localCertificates();
    const server = createServer({ ...local.serving });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };

    const socket = connect({
      host: '127.0.0.1',
      port,
      ca: local.ca.cert,
      ...(name === 'localhost' && { servername: name }),
    });
    onTestFinished(() => void socket.destroy());
    await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    expect(socket.authorized).toBe(true);
  });
});

describe('openssl verify', () => {
  const directory = mkdtempSync(join(tmpdir(), 'gateway-name-webhook-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  test.for([
    { name: 'a DNS name of the certificate', flags: ['-verify_hostname', SERVICE], ok: true },
    { name: 'an IP address of the certificate', flags: ['-verify_ip', '127.0.0.1'], ok: true },
    { name: 'another name', flags: ['-verify_hostname', 'example.com'], ok: false },
    { name: 'a purpose other than serving', flags: ['-purpose', 'sslclient'], ok: false },
  ])('accepts the serving certificate for $name: $ok', async ({ flags, ok }) => {
    const local = await localCertificates();
    const { cert } = await issueServingCertificate({ ca: local.ca, names: NAMES, ...validFor(24, new Date()) });
    writeFileSync(join(directory, 'ca.crt'), local.ca.cert);
    writeFileSync(join(directory, 'tls.crt'), cert);
    const verify = () => openssl(['verify', '-x509_strict', '-CAfile', 'ca.crt', ...flags, 'tls.crt'], directory);
    if (ok) expect(verify()).toBe('tls.crt: OK\n');
    else expect(verify).toThrow('verification failed');
  });
});

describe('isOwnCA()', () => {
  test('distinguishes CAs of this program from others', () => {
    expect(isOwnCA(new X509Certificate(ca.cert))).toBe(true);
    expect(isOwnCA(new X509Certificate(serving.cert))).toBe(false);
    const own = new X509Certificate(ca.cert).subject.slice('CN='.length);
    for (const commonName of ['Another CA', `x${own}`, `${own}f`]) {
      expect(isOwnCA(new X509Certificate(foreignCertificate({ commonName }).cert))).toBe(false);
    }
    expect(isOwnCA(new X509Certificate(foreignCertificate({ commonName: own, isCA: false }).cert))).toBe(false);
    expect(isOwnCA(new X509Certificate(foreignCertificate({ commonName: own }).cert))).toBe(true);
  });
});

function described(cert: string): string {
  return openssl(['x509', '-noout', '-text'], '.', cert);
}
