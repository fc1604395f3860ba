/** A cluster has more than one release, and the user has not said which one is meant. */
export class SeveralReleases extends Error {
  override readonly name = 'SeveralReleases';

  constructor(names: readonly string[]) {
    super(`Found several releases: ${names.join(', ')}. Choose one with --webhook-configuration ${names.join(' or ')}`);
  }
}
