/** A date in the notation of C's `strftime`, in English and local time, as far as templates use it. */
const months =
  'January February March April May June July August September October November December';
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday';

export function strftime(date: Date, format: string): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = months.split(' ')[date.getMonth()] ?? '';
  const weekday = weekdays.split(' ')[date.getDay()] ?? '';
  const hour = date.getHours();
  const parts: Readonly<Record<string, string>> = {
    Y: String(date.getFullYear()),
    y: two(date.getFullYear() % 100),
    m: two(date.getMonth() + 1),
    B: month,
    b: month.slice(0, 3),
    d: two(date.getDate()),
    e: String(date.getDate()).padStart(2, ' '),
    A: weekday,
    a: weekday.slice(0, 3),
    H: two(hour),
    I: two(hour % 12 === 0 ? 12 : hour % 12),
    p: hour < 12 ? 'AM' : 'PM',
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    '%': '%',
  };
  return format.replaceAll(/%-?(.)/g, (whole: string, letter: string) => {
    const part = parts[letter] ?? whole;
    return whole.startsWith('%-') ? part.replace(/^[0 ](?=\d)/, '') : part;
  });
}
