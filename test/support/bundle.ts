/** esbuild's metafile for a bundle of these files. */
export function bundleOf(...inputs: readonly string[]) {
  const entries = inputs.map((path) => [path, { bytesInOutput: 1 }]);
  return { outputs: { 'dist/main.js': { bytes: 1, inputs: Object.fromEntries(entries), imports: [], exports: [] } } };
}
