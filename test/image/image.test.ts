import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { NAMES } from '../../release/names.ts';
import { recorded } from '../support/reviews.ts';

const { IMAGE = 'gateway-name-webhook:test' } = process.env;

/** The docker command, or one with the same arguments. */
const { DOCKER = 'docker' } = process.env;

/** The restrictions of a hardened Pod, and no network. */
const RESTRICTIONS = [
  '--read-only',
  '--user',
  '65532',
  '--cap-drop',
  'ALL',
  '--security-opt',
  'no-new-privileges',
  '--network',
  'none',
];

const SERVE = [
  'serve',
  '--listen',
  '127.0.0.1:10250',
  '--metrics-listen',
  '127.0.0.1:8080',
  '--certificates',
  '/certificates',
];

describe('the image', () => {
  let container = '';

  beforeAll(async () => {
    const writable = ['--tmpfs', '/certificates:uid=65532,mode=0700'];
    container = await docker('run', '--detach', ...RESTRICTIONS, ...writable, IMAGE, ...SERVE);
  });
  afterAll(() => docker('rm', '--force', container));

  test('answers a review without privileges', async () => {
    const review = recorded('envoy-serviceaccount.json');

    const { response } = JSON.parse(await untilAnswered(container, review));

    const patch = JSON.parse(Buffer.from(response.patch, 'base64').toString());
    expect(patch).toEqual([
      { op: 'add', path: '/metadata/labels/gateway.networking.k8s.io~1gateway-name', value: 'eg' },
    ]);
  });

  test('contains a tested version of Node.js', async () => {
    const version = await docker(
      'run',
      '--rm',
      '--entrypoint',
      '/nodejs/bin/node',
      ...RESTRICTIONS,
      IMAGE,
      '--version',
    );
    const [, major, minor] = /^v(\d+)\.(\d+)\./.exec(version) ?? [];
    const [, wantedMajor, wantedMinor] = /^>=(\d+)\.(\d+)$/.exec(packageJson.engines.node) ?? [];
    expect(major).toBe(wantedMajor);
    expect(Number(minor)).toBeGreaterThanOrEqual(Number(wantedMinor));
  });

  test('exits with 0 in time after SIGTERM', async () => {
    await docker('stop', '--time', '25', container);

    const state = JSON.parse(await docker('inspect', '--format', '{{json .State}}', container));
    expect(state).toMatchObject({ ExitCode: 0, OOMKilled: false });
  });

  test('contains only Node.js and the program, without tools to build or change it', async () => {
    const files = await filesIn(IMAGE);

    const program = files.filter((file) => file.startsWith('app/'));
    expect(program).toEqual(expect.arrayContaining(['app/main.js', 'app/main.js.map', 'app/package.json']));
    const bundle = /^app\/(main|chunks\/[-\w]+)\.js(\.map)?$/;
    expect(program.filter((file) => !bundle.test(file)).sort()).toEqual([
      'app/LICENSE',
      'app/THIRD_PARTY_LICENSES',
      'app/package.json',
      'app/sbom.cdx.json',
    ]);
    const tools = /(^|\/)node_modules\/|bin\/(npm|npx|corepack|sh|dash|bash|busybox|apt|dpkg|curl|wget)$|\.tsx?$/;
    expect(files.filter((file) => tools.test(file))).toEqual([]);
  });

  test('describes itself in its user and its labels', async () => {
    const config = JSON.parse(await docker('inspect', '--format', '{{json .Config}}', IMAGE));

    // Numeric: Kubernetes cannot verify that a user name is not root.
    expect(config.User).toMatch(/^65532(:65532)?$/);
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': packageJson.name,
      'org.opencontainers.image.licenses': packageJson.license,
      'org.opencontainers.image.description': packageJson.description,
      'org.opencontainers.image.source': NAMES.repository,
      'org.opencontainers.image.version': expect.stringMatching(/./),
      'org.opencontainers.image.revision': expect.stringMatching(/./),
    });
    expect(await docker('run', '--rm', ...RESTRICTIONS, IMAGE, '--version')).toBe(packageJson.version);
  });
});

async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(DOCKER, [...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

/** Posts a review from inside the container, with Node.js. */
async function untilAnswered(container: string, review: unknown): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await docker(
        'exec',
        container,
        '/nodejs/bin/node',
        '--input-type=module',
        '-e',
        ASK,
        JSON.stringify(review),
      );
    } catch (error) {
      if (attempt === 10) throw new Error(`${error}\n${await docker('logs', container)}`);
      await sleep(500);
    }
  }
}

const ASK = `
  import { readFileSync } from 'node:fs';
  import { request } from 'node:https';
  import { text } from 'node:stream/consumers';
  const ca = readFileSync('/certificates/ca.crt');
  const headers = { 'content-type': 'application/json' };
  request('https://localhost:10250/mutate', { method: 'POST', ca, headers }, async (response) => {
    process.stdout.write(await text(response));
    process.exit(response.statusCode === 200 ? 0 : 1);
  }).end(process.argv[1]);
`;

/** The paths of all files of an image. */
async function filesIn(image: string): Promise<string[]> {
  const container = await docker('create', image);
  try {
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', `"$1" export "$2" | tar --list`, 'sh', DOCKER, container],
      {
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    return stdout.split('\n').filter((path) => path !== '' && !path.endsWith('/'));
  } finally {
    await docker('rm', container);
  }
}
