import { chmod, rm } from 'node:fs/promises';
import { build } from 'esbuild';

// Few files instead of 1,500 modules, and no node_modules beside them. Split at every import(): a command reads and compiles
// what it uses, and `serve` none of the Kubernetes client's six megabytes.
await rm('dist', { recursive: true, force: true });
await build({
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
});
await chmod('dist/main.js', 0o755);
