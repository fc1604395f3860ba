import { Option } from 'commander';
import { REVERSE } from '../../admission/gateway.ts';
import { SERVE_SETTINGS, type SettingText } from './settings.ts';

/** The same flag, variable and default as of `serve`: in a Pod of the webhook, none of them need be given. */
export function settingOption({ flags, env, default: text }: SettingText, description: string): Option {
  return new Option(flags, description).env(env).default(text);
}

/** By which a command is told the rule: that of the webhook. */
export function reverseOption(): Option {
  const { reverse } = SERVE_SETTINGS;
  return settingOption(reverse, reverse.description).choices(REVERSE);
}

/** By which a command is told what an installation is called. */
export function configurationOption(description = 'the MutatingWebhookConfiguration'): Option {
  return settingOption(SERVE_SETTINGS.webhookConfiguration, description);
}
