import { Option } from 'commander';

/** The flag for the output format. */
export function outputOption(choices: readonly string[], more = ''): Option {
  return new Option('-o, --output <form>', `output format${more}`).choices(choices).default('table');
}

/** The flag that leaves a table's rows alone, as for kubectl; `headers` is true without it. */
export function noHeadersOption(): Option {
  return new Option('--no-headers', 'print only the rows of the table: no header, and no summary after it');
}
