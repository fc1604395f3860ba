import { onTestFinished, vi } from 'vitest';

/** Sets environment variables until the end of the test. */
export function environment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}
