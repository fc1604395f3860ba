import packageJson from '../package.json' with { type: 'json' };

const { name, repository } = packageJson;
const [, owner] = /^git\+https:\/\/github\.com\/([\w-]+)\/gateway-name-webhook\.git$/.exec(repository.url) ?? [];
if (owner === undefined)
  throw new Error(`Cannot read the owner from package.json: repository.url is ${repository.url}`);

/** The account that owns the repository and what it publishes: `repository` of package.json is the one place that says it. */
export const OWNER = owner;

// Registries accept no capitals.
const registry = `ghcr.io/${OWNER.toLowerCase()}`;

/** Where the project lives. */
export const NAMES = {
  repository: `https://github.com/${OWNER}/${name}`,
  image: `${registry}/${name}`,
  charts: `${registry}/charts`,
} as const;

const ADDRESS = new RegExp(`(github\\.com/|ghcr\\.io/|--repo )[\\w-]+(?=/(?:charts/)?${name}\\b)`, 'g');

/** Returns a text in which every address of the project is that of an owner. */
export function withOwner(text: string, to: string): string {
  return text.replace(ADDRESS, (_, before: string) => `${before}${before === 'ghcr.io/' ? to.toLowerCase() : to}`);
}
