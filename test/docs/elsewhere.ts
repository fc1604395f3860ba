/** Commands of pages that no test runs, and why. */
export const NOT_RUN: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /^git (?:clone|tag|checkout) /, why: 'needs the repository on GitHub' },
  { pattern: /^gh attestation /, why: 'needs a published release' },
  { pattern: /^cosign verify/, why: 'needs a published release' },
  { pattern: /^sha256sum /, why: 'needs a published release; test/release tests the checksums' },
  { pattern: /^(?:VERSION|IMAGE|BUILD_BASE)=/, why: 'needs a published release; CI builds the image twice' },
  { pattern: /^docker build -t registry/, why: 'needs a registry' },
  { pattern: /^docker build -t gateway-name-webhook:test/, why: 'a step of CI; test/image tests the result' },
  { pattern: /^docker exec /, why: 'needs kind; test/kind runs it' },
  { pattern: /^npm publish /, why: 'needs the registry; test/release packs the same' },
  { pattern: /^npm version /, why: 'changes the version of the clone' },
  { pattern: /^npm ci && sudo install /, why: 'needs root; CI builds and starts the executable' },
  { pattern: /^npm audit signatures/, why: 'needs a published package' },
  { pattern: /setup-envtest use/, why: 'setup-envtest downloads; CI runs npm with its variables' },
  { pattern: /^cmctl renew/, why: 'needs cert-manager; test/integrations renews as cmctl does' },
  { pattern: /^chronyc /, why: 'is about the clock of a node' },
  { pattern: /^node dist\/main\.js/, why: 'CI runs the bundle' },
];

/** Commands that a test of their own runs, with the file. */
export const RUN_BY: readonly { readonly pattern: RegExp; readonly file: string }[] = [
  { pattern: /^curl --cacert/, file: 'test/docs/local-run.test.ts' },
  { pattern: /^(?:gateway-name-webhook|kubectl|helm) |^--set /, file: 'test/pages/commands.test.ts' },
];
