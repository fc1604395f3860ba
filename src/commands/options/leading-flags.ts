import { clusterOptions } from './cluster-options.ts';
import { scopeOptions } from './scope-options.ts';

/**
 * Moves flags before the command name to the end: kubectl accepts its global flags in either place. Other flags stay where
 * they are.
 */
export function withLeadingFlagsLast(argv: readonly string[]): readonly string[] {
  const options = [...clusterOptions(), ...scopeOptions()];
  const optionOf = (arg: string) =>
    options.find(({ short, long }) => arg === long || arg.startsWith(`${long}=`) || (short && arg.startsWith(short)));
  let end = 0;
  for (let arg = argv[0]; arg !== undefined; arg = argv[end]) {
    const option = optionOf(arg);
    if (!option) break;
    const isSeparate = option.required && (arg === option.long || arg === option.short);
    end += isSeparate ? 2 : 1;
  }
  const [flags, rest] = [argv.slice(0, end), argv.slice(end)];
  const separator = rest.indexOf('--');
  return separator < 0 ? [...rest, ...flags] : rest.toSpliced(separator, 0, ...flags);
}
