import { chmod, rm } from 'node:fs/promises';
import { build } from 'esbuild';

// One file: it starts in half the time that 1,500 modules take, and needs no node_modules beside it.
await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: ['src/main.ts'],
  outfile: 'dist/main.js',
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  // Stack traces name the sources (node --enable-source-maps).
  sourcemap: true,
  minifySyntax: true,
  // Some dependencies are CommonJS and call require() for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
await chmod('dist/main.js', 0o755);
