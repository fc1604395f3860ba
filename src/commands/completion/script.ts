import type { Command } from 'commander';
import { type Completed, completedCommands } from './completed-command.ts';

const EXECUTABLE = 'gateway-name-webhook';

/** The script by which a shell completes the commands and flags of the program. */
export function completionScript(shell: 'bash' | 'zsh' | 'fish', program: Command): string {
  const commands = completedCommands(program);
  if (shell === 'fish') return fishScript(commands);
  const script = bashScript(commands);
  // zsh has what bash calls.
  return shell === 'bash' ? script : `#compdef ${EXECUTABLE}\nautoload -U +X bashcompinit && bashcompinit\n${script}`;
}

function bashScript(commands: readonly Completed[]): string {
  const paths = commands.flatMap(({ path }) => (path === '' ? [] : [`'${path}'`]));
  const values = commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, choices }) =>
      choices.length === 0
        ? []
        : `    ${flags.map((flag) => `'${path} ${flag}'`).join('|')}) words='${choices.join(' ')}' ;;\n`,
    ),
  );
  const words = commands.map(({ path, subcommands, options, choices }) => {
    const all = [...subcommands.map(({ name }) => name), ...choices, ...options.flatMap(({ flags }) => flags)];
    return `    '${path}') words='${all.join(' ')}' ;;\n`;
  });
  return `_gateway_name_webhook() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command='' words='' index word
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${command:+$command }\${COMP_WORDS[index]}"
    case "$word" in
      ${paths.join('|')}) command="$word" ;;
    esac
  done
  case "$command $previous" in
${values.join('')}  esac
  [ -n "$words" ] || case "$command" in
${words.join('')}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _gateway_name_webhook ${EXECUTABLE}
`;
}

function fishScript(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ path, subcommands, options, choices }) => {
    const seen = path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    const where = path === '' ? '__fish_use_subcommand' : seen.join('; and ');
    const isUnsaid = subcommands.map(({ name }) => name).join(' ');
    const inner = path === '' ? where : `${where}; and not __fish_seen_subcommand_from ${isUnsaid}`;
    return [
      ...subcommands.map(({ name, description }) => `-f -n '${inner}' -a ${name} -d ${quoted(description)}`),
      ...choices.map((choice) => `-f -n '${where}' -a ${choice}`),
      ...options.map(({ flags, choices: values, takesValue, description }) => {
        const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
        const value = values.length > 0 ? ` -x -a '${values.join(' ')}'` : takesValue ? ' -r' : '';
        return `-n '${where}' ${names.join(' ')}${value} -d ${quoted(description)}`;
      }),
    ];
  });
  return lines.map((line) => `complete -c ${EXECUTABLE} ${line}\n`).join('');
}

/** In single quotes, fish knows two escapes. */
function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
