import { readFileSync } from 'node:fs';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { CallOptions, Connection } from '../api-caller.ts';
import { wayTo } from './agent.ts';
import { certificateCredentials, headerCredentials, impersonationHeaders } from './credentials.ts';
import { ExecPlugin } from './exec-plugin.ts';
import type { Cluster } from './kubeconfig.ts';
import type { Environment } from './load.ts';
import type { Selection } from './selection.ts';
import { serverUrl } from './server-url.ts';
import { isNobody } from './validation.ts';

/** The way to the API server of a kubeconfig. Throws if it is not supported. */
export function kubeconfigConnection({ cluster, user }: Selection, environment: Environment): Connection {
  const way = wayTo(serverUrl(cluster.server), cluster.proxyUrl, environment);
  const impersonation = impersonationHeaders(user.impersonation);
  if (way.server.startsWith('http:')) {
    // As kubectl: no credentials without TLS.
    return { ...way, authorize: async ({ headers }) => void Object.assign(headers, impersonation) };
  }

  if (isNobody(user)) throw new Error('the user has no credentials (kubectl would prompt for a username and password)');
  const certificate = certificateCredentials(user);
  const header = headerCredentials(user);
  const plugin =
    user.exec && !certificate && !header ? new ExecPlugin(user.exec, execCluster(cluster), environment) : undefined;
  if (!hasAuthority(cluster)) trustSystem();
  return {
    ...way,
    authorize: async (options) => {
      trust(options, cluster);
      Object.assign(options.headers, impersonation);
      await certificate?.(options);
      await header?.(options);
      await plugin?.authorize(options);
    },
    ...(plugin && { renew: (refused: CallOptions) => plugin.renew(refused) }),
  };
}

function hasAuthority({ certificateAuthority, certificateAuthorityData, insecureSkipTlsVerify }: Cluster): boolean {
  return Boolean(certificateAuthority || certificateAuthorityData || insecureSkipTlsVerify);
}

function trust(options: CallOptions, cluster: Cluster): void {
  const ca = authority(cluster);
  if (ca) options.ca = ca;
  if (cluster.insecureSkipTlsVerify) options.rejectUnauthorized = false;
  if (cluster.tlsServerName) options.servername = cluster.tlsServerName;
}

function authority({ certificateAuthority: file, certificateAuthorityData: data }: Cluster): string {
  return data || (file && readFileSync(file, 'utf8'));
}

/** Without a CA in the kubeconfig, the system's CAs apply, which Node.js does not use by default. */
function trustSystem(): void {
  setDefaultCACertificates([...new Set([...getCACertificates('default'), ...getCACertificates('system')])]);
}

/** What an exec plugin gets to know about the cluster. */
function execCluster(cluster: Cluster): object {
  const ca = authority(cluster);
  return {
    server: cluster.server,
    ...(cluster.tlsServerName && { 'tls-server-name': cluster.tlsServerName }),
    ...(cluster.insecureSkipTlsVerify && { 'insecure-skip-tls-verify': true }),
    ...(ca && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
    ...(cluster.proxyUrl && { 'proxy-url': cluster.proxyUrl }),
    ...(cluster.disableCompression && { 'disable-compression': true }),
    config: cluster.execConfig ?? null,
  };
}
