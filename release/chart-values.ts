/** Returns the chart's values with this digest for the image. */
export function withDigest(values: string, digest: string): string {
  const line = /^( {2}digest: )""/gm;
  const { length } = values.match(line) ?? [];
  if (length !== 1) throw new Error(`Cannot set the image's digest: values.yaml has ${length ?? 0} places for it`);
  return values.replace(line, `$1"${digest}"`);
}
