import { issueCA, issueServingCertificate } from '../../src/certificates/issue.ts';
import { NAME } from '../e2e/installation.ts';
import { kubectl } from '../e2e/program.ts';
import { validFor } from '../support/certificates.ts';

const SECRET = { name: `${NAME}-provided`, namespace: NAME };

/**
 * Writes a certificate to a Secret, as a user of the mode provided does. It and its CA are valid for this many hours. Returns
 * the values that the chart needs.
 */
export async function provideCertificate(hours: number): Promise<readonly string[]> {
  const validity = validFor(hours, new Date());
  const ca = await issueCA(validity);
  const { cert, key } = await issueServingCertificate({ ca, names: [`${NAME}.${NAME}.svc`], ...validity });
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: SECRET,
    stringData: { 'tls.crt': cert, 'tls.key': key },
  };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAME } };
  await kubectl(['apply', '--filename', '-'], { apiVersion: 'v1', kind: 'List', items: [namespace, secret] });
  return [
    'certificates.mode=provided',
    `certificates.provided.secretName=${SECRET.name}`,
    `certificates.provided.caBundle=${ca.cert}`,
  ];
}
