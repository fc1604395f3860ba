/** What the user wrote cannot be meant: exit code 2. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}
