import { chmod, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundledPackages } from './release/bundled-packages.ts';
import { thirdPartyLicenses } from './release/licenses.ts';
import { billOfMaterials } from './release/sbom.ts';

// Few files instead of 1,500 modules, and no node_modules beside them. Split at every import(): a command reads and compiles
// what it uses, and `serve` none of the Kubernetes client's six megabytes.
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
  // By which stack traces name the sources (node --enable-source-maps).
  sourcemap: true,
  // Identifiers stay: stack traces name functions.
  minifySyntax: true,
  minifyWhitespace: true,
  // Never loaded: Fastify's compilers of schemas (src/server/no-schemas.ts), and what inject() of tests needs.
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
