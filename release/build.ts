import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtempDisposable, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { changelogSection } from './changelog.ts';
import { withDigest } from './chart-values.ts';
import { NAMES } from './names.ts';
import { writeNpmPackage } from './npm-package.ts';
import { packExecutables } from './pack.ts';

const USAGE = `Usage: npm run release:build -- [part...]

Builds everything that a release publishes into artifacts/, and checks it. Publishes nothing. By default, it builds all parts, in this order:

  npm          the npm package; it must start after an installation without a registry
  executables  archives of the executables that npm run build:executable has built; with all platforms, also krew's manifest
  image        the image for all platforms, built twice; release/image lists its requirements
  sbom         the contents of the image, listed by syft
  chart        the chart, with the image's digest if there is one
  notes        this version's section of CHANGELOG.md
  checksums    the checksums of all files attached to the release

PLATFORMS      the platforms of the image, by default linux/amd64,linux/arm64
`;

const { name, version } = packageJson;
/** The files that the workflow attaches to the release. */
const ASSETS = 'artifacts/assets';
const DIGEST = 'artifacts/image.digest';
const { PLATFORMS = 'linux/amd64,linux/arm64' } = process.env;

const PARTS = { npm, executables, image, sbom, chart, notes, checksums };

function run(command: string, args: readonly string[], cwd = '.'): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}

async function npm(): Promise<void> {
  await rm('artifacts/npm', { recursive: true, force: true });
  await writeNpmPackage('dist', 'artifacts/npm');
  const [{ filename }] = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', ASSETS, './artifacts/npm']));
  const archive = join(ASSETS, `${name}-npm-${version}.tgz`);
  await rename(join(ASSETS, filename), archive);

  await using project = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-'));
  run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--prefix', project.path, resolve(archive)]);
  const started = run(join(project.path, 'node_modules/.bin', name), ['--version']);
  if (started !== version) throw new Error(`The npm package of ${version} prints the version ${started}`);
}

async function executables(): Promise<void> {
  await packExecutables(ASSETS);
}

async function image(): Promise<void> {
  console.log(run('release/image', [PLATFORMS]));
}

async function sbom(): Promise<void> {
  for (const platform of PLATFORMS.split(',')) {
    const file = join(ASSETS, `${name}-${version}-image-${platform.replace('/', '-')}.cdx.json`);
    // In addition to Debian's packages and Node.js, which syft finds in images, read the bundle's own bill of materials.
    const catalogers = ['--select-catalogers', '+sbom-cataloger'];
    const options = ['--quiet', '--platform', platform, ...catalogers, '--output', `cyclonedx-json=${file}`];
    run('syft', ['scan', 'oci-archive:artifacts/image.tar', ...options]);
    const { components } = JSON.parse(await readFile(file, 'utf8'));
    const found = components.some((component: { name: string }) => component.name === 'fastify');
    if (!found) throw new Error(`${file} does not list the packages in the bundle`);
  }
}

async function chart(): Promise<void> {
  const digest = await readFile(DIGEST, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  await using directory = await mkdtempDisposable(join(tmpdir(), 'gateway-name-webhook-'));
  const source = join(directory.path, name);
  await cp(`charts/${name}`, source, { recursive: true });
  const values = join(source, 'values.yaml');
  await writeFile(values, withDigest(await readFile(values, 'utf8'), digest));
  run('helm', ['package', source, '--version', version, '--app-version', version, '--destination', directory.path]);
  const archive = join(ASSETS, `${name}-chart-${version}.tgz`);
  await cp(join(directory.path, `${name}-${version}.tgz`), archive);

  const expected = `${NAMES.image}:${version}${digest && `@${digest}`}`;
  const images = run('helm', ['template', archive]).match(/(?<=\bimage: ).*/g) ?? [];
  const others = images.filter((rendered) => rendered !== `"${expected}"`);
  if (images.length === 0 || others.length > 0) throw new Error(`The chart does not install ${expected}: ${images}`);
}

async function notes(): Promise<void> {
  await writeFile('artifacts/notes.md', changelogSection(await readFile('CHANGELOG.md', 'utf8'), version));
}

async function checksums(): Promise<void> {
  const files = (await readdir(ASSETS)).filter((file) => file !== 'SHA256SUMS').sort();
  await writeFile(join(ASSETS, 'SHA256SUMS'), `${run('sha256sum', files, ASSETS)}\n`);
}

const parts = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS);
const unknown = parts.filter((part) => !Object.hasOwn(PARTS, part));
if (unknown.length > 0) {
  process.stderr.write(USAGE);
  process.exit(unknown.includes('--help') ? 0 : 2);
}
// Files of other versions would be published, too.
if (parts.length === Object.keys(PARTS).length) await rm(ASSETS, { recursive: true, force: true });
await mkdir(ASSETS, { recursive: true });
for (const [part, build] of Object.entries(PARTS)) {
  if (!parts.includes(part)) continue;
  console.log(`== ${part}`);
  await build();
}
for (const file of (await readdir(ASSETS)).sort()) console.log(file);
