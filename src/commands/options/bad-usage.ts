/** The exit code of bad usage, bad input and no access; 1 is for what a command found or could not do. */
export const BAD_USAGE = 2;

/** What the user wrote cannot be meant. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}
