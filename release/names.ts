import packageJson from '../package.json' with { type: 'json' };

const { name, repository } = packageJson;
const [, owner] = /^git\+https:\/\/github\.com\/([\w-]+)\/gateway-name-webhook\.git$/.exec(repository.url) ?? [];
if (owner === undefined)
  throw new Error(`Cannot read the owner from package.json: repository.url is ${repository.url}`);

/** The account that owns the repository, the image and the chart. Its only source is `repository` in package.json. */
export const OWNER = owner;

// Registries accept only lower case.
const registry = `ghcr.io/${OWNER.toLowerCase()}`;

export const NAMES = {
  repository: `https://github.com/${OWNER}/${name}`,
  image: `${registry}/${name}`,
  charts: `${registry}/charts`,
} as const;

const ADDRESS = new RegExp(`(github\\.com/|ghcr\\.io/|--repo )[\\w-]+(?=/(?:charts/)?${name}\\b)`, 'g');

/** Returns a text with the owner replaced in every address of the project. */
export function withOwner(text: string, to: string): string {
  return text.replace(ADDRESS, (_, before: string) => `${before}${before === 'ghcr.io/' ? to.toLowerCase() : to}`);
}
