// The published types name node-forge as a whole; issuing needs a third of it.
declare module 'node-forge/lib/asn1.js' {
  import type { asn1 } from 'node-forge';

  const exported: typeof asn1;
  export = exported;
}

declare module 'node-forge/lib/x509.js' {
  import type { pki } from 'node-forge';

  const exported: typeof pki;
  export = exported;
}
