/** Returns a version's section of a changelog, without its heading. Throws if it is missing or empty. */
export function changelogSection(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => [version, `[${version}]`].includes(text.split(/[ \n]/, 1)[0] ?? ''));
  const body = section?.replace(/^.*\n/, '').trim();
  if (!body) throw new Error(`Cannot find the changes in ${version}: CHANGELOG.md has no section for it`);
  return `${body}\n`;
}
