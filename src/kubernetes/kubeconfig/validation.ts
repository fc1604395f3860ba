import { readFileSync } from 'node:fs';
import type { Cluster, ExecConfig, Impersonation, User } from './kubeconfig.ts';

const EXEC_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const INTERACTIVE_MODES = ['Never', 'IfAvailable', 'Always'];

/** Why a cluster cannot be used, by kubectl or here; undefined if it can. */
export function clusterProblem(cluster: Cluster): string | undefined {
  const { certificateAuthority: file, certificateAuthorityData: data, insecureSkipTlsVerify } = cluster;
  if (file && data) return 'certificate-authority and certificate-authority-data are both set';
  if ((file || data) && insecureSkipTlsVerify)
    return 'insecure-skip-tls-verify and a certificate authority cannot be combined';
  if (file) return readProblem('certificate-authority', file, isCertificate);
  return data && !isCertificate(data) ? 'certificate-authority-data contains no certificate' : undefined;
}

/** The same for a user. */
export function userProblem(user: User): string | undefined {
  return (
    certificateProblem(user) ??
    methodProblem(user) ??
    (user.exec && execProblem(user.exec)) ??
    impersonationProblem(user.impersonation)
  );
}

/** Reports whether a user has no credentials: then kubectl prompts for a username and password. */
export function isNobody({
  clientCertificate,
  clientCertificateData,
  token,
  tokenFile,
  username,
  exec,
}: User): boolean {
  return !(clientCertificate || clientCertificateData || token || tokenFile || username || exec);
}

function certificateProblem(user: User): string | undefined {
  const { clientCertificate, clientCertificateData, clientKey, clientKeyData } = user;
  if (!clientCertificate && !clientCertificateData) return undefined;
  if (clientCertificate && clientCertificateData) {
    return 'client-certificate and client-certificate-data are both set';
  }
  if (clientKey && clientKeyData) return 'client-key and client-key-data are both set';
  if (!clientKey && !clientKeyData) return 'client-key or client-key-data is required with a client certificate';
  return (
    (clientCertificate ? readProblem('client-certificate', clientCertificate) : undefined) ??
    (clientKey ? readProblem('client-key', clientKey) : undefined)
  );
}

function methodProblem({ token, tokenFile, username, password, authProvider, exec }: User): string | undefined {
  if ((token || tokenFile) && (username || password)) return 'a token and a username or password cannot be combined';
  if (authProvider === undefined) return undefined;
  if (exec) return 'auth-provider and exec cannot be combined';
  return `the auth-provider "${authProvider}" is not supported; use an exec plugin instead, such as kubelogin for oidc`;
}

function execProblem({ apiVersion, command, env, interactiveMode }: ExecConfig): string | undefined {
  if (!command) return 'exec has no command';
  if (!EXEC_VERSIONS.includes(apiVersion)) {
    return `exec has the apiVersion "${apiVersion}", expected ${EXEC_VERSIONS.join(' or ')}`;
  }
  if (env.some(({ name }) => !name)) return 'exec has an env variable without a name';
  if (INTERACTIVE_MODES.includes(interactiveMode)) return undefined;
  return `exec has the interactiveMode "${interactiveMode}", expected ${INTERACTIVE_MODES.join(', ')}`;
}

/** The same for impersonation. */
export function impersonationProblem({ user, uid, groups, extra }: Impersonation): string | undefined {
  if (user || !(uid || groups.length > 0 || Object.keys(extra).length > 0)) return undefined;
  return 'impersonating groups, a UID or extra requires a user to impersonate (--as)';
}

/** Without a certificate in its CA, Node.js would trust every public one. */
function isCertificate(text: string): boolean {
  return /^-----BEGIN CERTIFICATE-----$/m.test(text);
}

function readProblem(field: string, file: string, isGood: (text: string) => boolean = () => true): string | undefined {
  try {
    return isGood(readFileSync(file, 'utf8')) ? undefined : `${field} contains no certificate`;
  } catch (error) {
    return `cannot read ${field}: ${(error as Error).message}`;
  }
}
