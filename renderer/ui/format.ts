/** Numbers and times as people read them. Pure. */

/** @param bytes shown in decimal units, as file managers and model pages count them */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** A span such as `8 s`, `1:05` or `2:03:00`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (milliseconds < 950) return `${Math.round(milliseconds)} ms`;
  if (seconds < 60) return `${milliseconds < 9_950 ? (milliseconds / 1000).toFixed(1) : seconds} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`;
}

/** Time that is left, never finer than a second: an estimate should not flicker. */
export function formatRemaining(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  return seconds < 60 ? `${seconds} s left` : `${formatDuration(seconds * 1000)} left`;
}

/** @param rate per second @returns `2.1 it/s`, or `3.2 s/it` when one takes longer than a second */
export function formatRate(rate: number, unit: string): string {
  return rate >= 1
    ? `${rate.toFixed(rate < 10 ? 1 : 0)} ${unit}/s`
    : `${(1 / rate).toFixed(1)} s/${unit}`;
}

export function formatCount(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

export function formatDate(timestamp: number): string {
  return new Date(timestamp).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

/** @param probability 0 to 1 */
export function formatProbability(probability: number): string {
  const percent = probability * 100;
  if (percent >= 99.95) return '100 %';
  return percent < 0.1 ? '< 0.1 %' : `${percent.toFixed(1)} %`;
}
