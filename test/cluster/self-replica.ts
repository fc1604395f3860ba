import closeWithGrace from 'close-with-grace';
import { parseServeSettings } from '../../src/commands/options/serve-settings.ts';
import { SERVE_SETTINGS, type SettingTexts } from '../../src/commands/options/settings.ts';
import { serve } from '../../src/commands/serve/serve.ts';

// `gateway-name-webhook serve` with settings from the environment and the timing from the first argument. The program has no
// setting for the timing, because users should not change it.
const [timing = ''] = process.argv.slice(2);
const texts = Object.entries(SERVE_SETTINGS).map(([name, setting]) => [
  name,
  process.env[setting.env] ?? setting.default,
]);
const parsed = parseServeSettings(Object.fromEntries(texts) as SettingTexts);
if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));

await serve(
  parsed.settings,
  {
    program: 'gateway-name-webhook',
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    willExitWith: () => undefined,
    onShutdown: ({ delayMs, close, onSecondSignal, onTimeout }) => {
      closeWithGrace({ delay: delayMs, logger: false, onSecondSignal, onTimeout }, close);
    },
    interruption: () => new AbortController().signal,
  },
  JSON.parse(timing),
);
