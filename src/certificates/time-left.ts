/** Formats the time left, for people: in hours, or in days from 48 hours. */
export function timeLeft(until: Date, now: Date): string {
  const hours = Math.floor((until.getTime() - now.getTime()) / 3_600_000);
  if (hours < 0) return 'expired';
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
