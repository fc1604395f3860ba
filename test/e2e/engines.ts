import { NAME } from './installation.ts';
import { kubectl } from './program.ts';

/** The kinds of the release's objects that make the API server add labels. */
export async function installedEngines(): Promise<string> {
  const kinds = ['mutatingwebhookconfigurations', 'mutatingadmissionpolicybindings'];
  const selected = ['--selector', `app.kubernetes.io/instance=${NAME}`];
  const names = await kubectl(['get', kinds.join(','), ...selected, '--output', 'name']);
  const found = names.trim().split('\n');
  return kinds.filter((kind) => found.some((name) => name.startsWith(kind.slice(0, -1)))).join(' and ');
}
