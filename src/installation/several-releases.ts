/** A cluster has several releases, and the user did not select one. */
export class SeveralReleases extends Error {
  override readonly name = 'SeveralReleases';

  constructor(names: readonly string[]) {
    super(`Found several releases: ${names.join(', ')}. Choose one with --webhook-configuration ${names.join(' or ')}`);
  }
}
