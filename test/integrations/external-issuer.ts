import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { kubectl, kubectlJson } from '../e2e/program.ts';
import { foreignCertificate, openssl } from '../support/openssl.ts';
import { EXTERNAL } from './issuers.ts';

interface CertificateRequest {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly request: string; readonly issuerRef: { readonly group?: string } };
  readonly status?: { readonly certificate?: string };
}

const INTERVAL_MS = 500;

const KIND = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `externalissuers.${EXTERNAL.group}` },
  spec: {
    group: EXTERNAL.group,
    scope: 'Namespaced',
    names: { kind: EXTERNAL.kind, plural: 'externalissuers', singular: 'externalissuer' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
};

/** An issuer of an API group other than cert-manager's, with a controller that signs with openssl. */
export class ExternalIssuer implements AsyncDisposable {
  readonly #ca = foreignCertificate();
  readonly #stop = new AbortController();
  readonly #running = this.#signAll();

  static async create(): Promise<ExternalIssuer> {
    // cert-manager approves a request only if the cluster knows the kind of its issuer.
    await kubectl(['apply', '--filename', '-'], KIND);
    await kubectl(['wait', '--for=condition=Established', `crd/${KIND.metadata.name}`, '--timeout=1m']);
    return new ExternalIssuer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await kubectl(['delete', '--filename', '-'], KIND);
  }

  async #signAll(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const args = ['get', 'certificaterequests', '--all-namespaces'];
      const { items } = await kubectlJson<{ items: readonly CertificateRequest[] }>(args);
      const ours = items.filter(({ spec, status }) => spec.issuerRef.group === EXTERNAL.group && !status?.certificate);
      for (const request of ours) await this.#sign(request);
      await sleep(INTERVAL_MS);
    }
  }

  async #sign({ metadata: { name, namespace }, spec }: CertificateRequest): Promise<void> {
    const certificate = await this.#certificateFor(Buffer.from(spec.request, 'base64'));
    const base64 = (pem: string) => Buffer.from(pem).toString('base64');
    // Approve first: cert-manager refuses a certificate for a request that is not approved.
    const approved = condition('Approved', 'approved by the test');
    const issued = [approved, condition('Ready', 'signed by openssl', 'Issued')];
    for (const status of [
      { conditions: [approved] },
      { conditions: issued, certificate: base64(certificate), ca: base64(this.#ca.cert) },
    ]) {
      const how = ['--namespace', namespace, '--subresource=status', '--type=merge'];
      await kubectl(['patch', 'certificaterequest', name, ...how, '--patch', JSON.stringify({ status })]);
    }
  }

  async #certificateFor(request: Uint8Array): Promise<string> {
    await using directory = await mkdtempDisposable(join(tmpdir(), 'external-issuer-'));
    await writeFile(join(directory.path, 'request'), request);
    await writeFile(join(directory.path, 'ca'), `${this.#ca.cert}${this.#ca.key}`);
    const signed = ['-CA', 'ca', '-CAkey', 'ca', '-copy_extensions', 'copyall', '-days', '1', '-out', 'certificate'];
    openssl(['x509', '-req', '-in', 'request', ...signed], directory.path);
    return readFile(join(directory.path, 'certificate'), 'utf8');
  }
}

function condition(type: string, message: string, reason = 'Test'): object {
  return { type, status: 'True', reason, message, lastTransitionTime: new Date().toISOString() };
}
