import { Option } from 'commander';

/** By which a command is told how to print what it finds. */
export function outputOption(choices: readonly string[], more = ''): Option {
  return new Option('-o, --output <form>', `output format${more}`).choices(choices).default('table');
}
