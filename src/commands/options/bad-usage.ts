/** The exit code of bad usage, bad input and no access; 1 is for what a command found or could not do. */
export const BAD_USAGE = 2;

/** The user's input is invalid. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}
