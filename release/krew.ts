/**
 * Renders the template of krew's manifest for a tag, like krew-release-bot. `sha256` returns the hash of an archive, given its
 * file name.
 */
export function krewManifest(template: string, tag: string, sha256: (archive: string) => string): string {
  return template
    .replaceAll('{{ .TagName }}', tag)
    .replaceAll(/\{\{addURIAndSha "(\S+\/(\S+))" \.TagName \}\}/g, (_, uri: string, archive: string) => {
      return `uri: ${uri}\n    sha256: ${sha256(archive)}`;
    });
}
