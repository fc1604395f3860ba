import { chmod, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundledPackages } from './release/bundled-packages.ts';
import { thirdPartyLicenses } from './release/licenses.ts';
import { billOfMaterials } from './release/sbom.ts';

// Bundles 1,500 modules into a few files that need no node_modules. They are split at every import(), so that a command reads and
// compiles only what it uses, and `serve` does not load the six megabytes of the Kubernetes client.
await rm('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  splitting: true,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Stack traces refer to the sources (node --enable-source-maps).
  sourcemap: true,
  // Identifiers are kept, because stack traces show function names.
  minifySyntax: true,
  minifyWhitespace: true,
  // Never loaded: Fastify's schema compilers (src/server/no-schemas.ts), and a module for inject(), which only tests call.
  external: ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request'],
  // Some dependencies are CommonJS and call require() for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
  metafile: true,
});
await chmod('dist/main.js', 0o755);

const packages = await bundledPackages(metafile);
await writeFile('dist/THIRD_PARTY_LICENSES', thirdPartyLicenses(packages));
await writeFile('dist/sbom.cdx.json', `${JSON.stringify(billOfMaterials(packages), null, 2)}\n`);
