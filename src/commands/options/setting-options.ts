import { Option } from 'commander';
import { REVERSE } from '../../admission/gateway.ts';
import { SERVE_SETTINGS } from './settings.ts';

/** The flag for `rule.reverse`, for a command without a cluster. */
export function offlineReverseOption(): Option {
  const { flags, env, description, default: text } = SERVE_SETTINGS.reverse;
  return new Option(flags, description).env(env).choices(REVERSE).default(text);
}

/** The flag that overrides the installed `rule.reverse`. */
export function reverseOption(): Option {
  const { flags, env, description } = SERVE_SETTINGS.reverse;
  return new Option(flags, `${description} (default: as installed)`).env(env).choices(REVERSE);
}

/** The flag that selects a release. */
export function configurationOption(): Option {
  const { flags, env } = SERVE_SETTINGS.webhookConfiguration;
  const description = 'MutatingWebhookConfiguration of the release (default: found by its labels)';
  return new Option(flags, description).env(env);
}

/** The flag for the Secret that holds the CAs. */
export function caSecretOption(): Option {
  const { flags, env } = SERVE_SETTINGS.caSecret;
  return new Option(flags, 'Secret that holds the CAs (default: the one of the release)').env(env);
}
