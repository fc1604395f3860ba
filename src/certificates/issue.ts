import { createPublicKey, generateKeyPair, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { promisify } from 'node:util';
import type { md, pki } from 'node-forge';

/** A certificate and its private key, as PEM. */
export interface KeyedCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export interface ServingRequest extends Validity {
  /** Made by `issueCA`, with its key. */
  readonly ca: KeyedCertificate;
  /** DNS names and IP addresses that clients call the server by: its subject alternative names. */
  readonly names: readonly string[];
}

/** Each CA has a unique name: while two overlap, a verifier that looks up issuers by name finds the right one. */
const CA_NAME = 'gateway-name-webhook CA';

/** Reports whether a certificate is a CA of this program, which may issue certificates from it. */
export function isOwnCA(certificate: X509Certificate): boolean {
  return certificate.ca && new RegExp(`^CN=${CA_NAME} [0-9a-f]{16}$`).test(certificate.subject);
}

/** Issues a self-signed CA for serving certificates. */
export async function issueCA(validity: Validity): Promise<KeyedCertificate> {
  const keys = await generateKeys();
  const name = `${CA_NAME} ${randomBytes(8).toString('hex')}`;
  const cert = await signed({
    publicKey: keys.publicKey,
    validity,
    subject: name,
    issuer: { name, ...keys },
    extensions: [
      // It may sign serving certificates, but no further CAs.
      { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
      { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    ],
  });
  return { cert, key: keys.privateKey };
}

/** Issues a serving certificate; it never outlives its CA. */
export async function issueServingCertificate({
  ca,
  names,
  notBefore,
  notAfter,
}: ServingRequest): Promise<KeyedCertificate> {
  const issuer = new X509Certificate(ca.cert);
  const keys = await generateKeys();
  const cert = await signed({
    publicKey: keys.publicKey,
    validity: { notBefore, notAfter: new Date(Math.min(notAfter.getTime(), issuer.validToDate.getTime())) },
    // Verifiers only read names from the SAN; a common name is limited to 64 characters, and a Service's name may be longer.
    subject: 'gateway-name-webhook',
    issuer: {
      name: issuer.subject.slice('CN='.length),
      privateKey: ca.key,
      publicKey: createPublicKey(ca.key).export({ type: 'spki', format: 'pem' }) as string,
    },
    extensions: [
      { name: 'basicConstraints', critical: true, cA: false },
      { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map(alternativeName) },
    ],
  });
  return { cert, key: keys.privateKey };
}

interface SigningRequest {
  readonly publicKey: string;
  readonly validity: Validity;
  readonly subject: string;
  readonly issuer: { readonly name: string; readonly privateKey: string; readonly publicKey: string };
  readonly extensions: readonly object[];
}

/** node-forge builds the certificate, from this program's keys and names only: it never parses untrusted input. */
async function signed({ publicKey, validity, subject, issuer, extensions }: SigningRequest): Promise<string> {
  // Loaded when first needed, as most starts find a good certificate; by file, as the whole library takes 12 MiB more.
  const [{ default: asn1 }, { default: pki }] = await Promise.all([
    import('node-forge/lib/asn1.js'),
    import('node-forge/lib/x509.js'),
  ]);
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = serialNumber();
  certificate.validity.notBefore = validity.notBefore;
  certificate.validity.notAfter = validity.notAfter;
  certificate.setSubject([{ shortName: 'CN', value: subject }]);
  certificate.setIssuer([{ shortName: 'CN', value: issuer.name }]);
  certificate.setExtensions([
    ...extensions,
    { name: 'subjectKeyIdentifier' },
    // RFC 5280, section 4.2.1.2, method 1: as forge itself writes a subject key identifier.
    {
      name: 'authorityKeyIdentifier',
      keyIdentifier: pki
        .getPublicKeyFingerprint(pki.publicKeyFromPem(issuer.publicKey), { type: 'RSAPublicKey' })
        .getBytes(),
    },
  ]);
  // forge's own digest and signature are JavaScript, and block the process for 90 ms. Its default digest is SHA-1.
  const digest = { algorithm: 'sha256', update: () => digest };
  const signer = {
    sign: () => {
      const toBeSigned = Buffer.from(asn1.toDer(certificate.tbsCertificate).getBytes(), 'latin1');
      return sign('sha256', toBeSigned, issuer.privateKey).toString('latin1');
    },
  };
  certificate.sign(signer as unknown as pki.rsa.PrivateKey, digest as unknown as md.MessageDigest);
  return pki.certificateToPem(certificate).replaceAll('\r\n', '\n');
}

/**
 * A random serial number of 16 bytes (RFC 5280, section 4.1.2.2). It starts with the bits 01: a leading 1 would make it
 * negative, which Go rejects, and with more zeros it might not be in its shortest form.
 */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0b0011_1111) | 0b0100_0000);
  return bytes.toString('hex');
}

function alternativeName(name: string): object {
  return isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name };
}

/** RSA, because forge does not support elliptic curves. node:crypto uses a thread; forge would block the process for a second. */
function generateKeys(): Promise<{ publicKey: string; privateKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
