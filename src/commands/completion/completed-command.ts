import type { Command } from 'commander';

/** A command, and what may follow it. */
export interface Completed {
  /** The words that name it; empty for the program itself. */
  readonly path: string;
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
  /** The choices for its arguments. */
  readonly choices: readonly string[];
  readonly options: readonly CompletedOption[];
}

interface CompletedOption {
  /** Short and long. */
  readonly flags: readonly string[];
  readonly choices: readonly string[];
  readonly takesValue: boolean;
  readonly description: string;
}

/** The program and all of its commands, at any depth. */
export function completedCommands(command: Command, path = ''): readonly Completed[] {
  const subcommands = command.commands.map((one) => ({ name: one.name(), description: one.description() }));
  const completed: Completed = {
    path,
    subcommands,
    choices: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    options: command.options.map(({ short, long, argChoices, required, description }) => ({
      flags: [short, long].filter((flag) => flag !== undefined),
      choices: argChoices ?? [],
      takesValue: required,
      description,
    })),
  };
  const below = command.commands.flatMap((one) =>
    completedCommands(one, path === '' ? one.name() : `${path} ${one.name()}`),
  );
  return [completed, ...below];
}
