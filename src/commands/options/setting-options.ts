import { Option } from 'commander';
import { REVERSE } from '../../admission/gateway.ts';
import { SERVE_SETTINGS } from './settings.ts';

/** By which a command that sees no cluster is told the rule: that of the webhook. */
export function offlineReverseOption(): Option {
  const { flags, env, description, default: text } = SERVE_SETTINGS.reverse;
  return new Option(flags, description).env(env).choices(REVERSE).default(text);
}

/** By which a command is told the rule, where it is not to be that of what is installed. */
export function reverseOption(): Option {
  const { flags, env, description } = SERVE_SETTINGS.reverse;
  return new Option(flags, `${description} (default: as installed)`).env(env).choices(REVERSE);
}

/** By which a command is told which release is meant. */
export function configurationOption(): Option {
  const { flags, env } = SERVE_SETTINGS.webhookConfiguration;
  const description = 'MutatingWebhookConfiguration of the release (default: found by its labels)';
  return new Option(flags, description).env(env);
}

/** By which a command is told where the CAs are. */
export function caSecretOption(): Option {
  const { flags, env } = SERVE_SETTINGS.caSecret;
  return new Option(flags, 'Secret that holds the CAs (default: the one of the release)').env(env);
}
