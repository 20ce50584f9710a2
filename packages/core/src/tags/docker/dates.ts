/** Dates in the format of moment.js, which docker/metadata-action uses (momentjs.com/docs, "Format"). In English. */

export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
export const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
] as const;
/** Longest first. Text in brackets is printed as it is. */
export const TOKEN =
  /\[[^[\]]*\]|YYYYYY|YYYYY|YYYY|YY|Y|Qo|Q|MMMM|MMM|MM|Mo|M|DDDD|DDDo|DDD|DD|Do|D|dddd|ddd|dd|do|d|E|e|gggg|gg|GGGG|GG|ww|wo|w|WW|Wo|W|HH|H|hh|h|kk|k|mm|m|ss|s|S{1,9}|A|a|ZZ|Z|zz|z|X|x|LTS|LT|LLLL|LLL|LL|L|llll|lll|ll|l/g;
export const LOCAL_FORMATS: Readonly<Record<string, string>> = {
  LTS: 'h:mm:ss A',
  LT: 'h:mm A',
  L: 'MM/DD/YYYY',
  LL: 'MMMM D, YYYY',
  LLL: 'MMMM D, YYYY h:mm A',
  LLLL: 'dddd, MMMM D, YYYY h:mm A',
  l: 'M/D/YYYY',
  ll: 'MMM D, YYYY',
  lll: 'MMM D, YYYY h:mm A',
  llll: 'ddd, MMM D, YYYY h:mm A',
};
const DAY = 86_400_000;

/** @throws RangeError for an unknown time zone */
export function formatDate(date: Date, format: string, zone = 'UTC'): string {
  const offset = offsetOf(date, zone);
  // The wall clock of the zone, in the UTC fields of a date.
  const local = new Date(date.getTime() + offset * 60_000);
  const print = (text: string): string => text.replace(TOKEN, (token) => printed(token));
  const printed = (token: string): string => {
    if (token.startsWith('[')) return token.slice(1, -1);
    if (/^[Ll]/.test(token)) return print(LOCAL_FORMATS[token] ?? token);
    if (token === 'X') return String(Math.floor(date.getTime() / 1000));
    if (token === 'x') return String(date.getTime());
    if (token === 'z' || token === 'zz') return abbreviation(date, zone);
    if (token === 'Z' || token === 'ZZ') return printOffset(offset, token === 'Z' ? ':' : '');
    return field(token, local);
  };
  return print(format);
}

function field(token: string, local: Date): string {
  const year = local.getUTCFullYear();
  const month = local.getUTCMonth();
  const day = local.getUTCDate();
  const weekday = local.getUTCDay();
  const hour = local.getUTCHours();
  const dayOfYear = Math.floor((local.getTime() - Date.UTC(year, 0, 1)) / DAY) + 1;
  const number = (value: number) => {
    if (token.endsWith('o')) return ordinal(value);
    return String(value).padStart(token.length, '0');
  };
  switch (token[0]) {
    case 'Y':
      return token === 'YY' ? pad(year % 100) : token === 'YYYYYY' ? `+${pad(year, 6)}` : pad(year, token.length);
    case 'Q':
      return number(Math.floor(month / 3) + 1);
    case 'M':
      return token.length > 2 ? name(MONTHS[month] ?? '', token.length === 3) : number(month + 1);
    case 'D':
      if (token === 'DDDD') return pad(dayOfYear, 3);
      return token.startsWith('DDD') ? (token === 'DDDo' ? ordinal(dayOfYear) : String(dayOfYear)) : number(day);
    case 'd':
      if (token === 'd' || token === 'do') return number(weekday);
      return (DAYS[weekday] ?? '').slice(0, token === 'dd' ? 2 : token === 'ddd' ? 3 : undefined);
    case 'E':
      return String(weekday || 7);
    case 'e':
      return String(weekday);
    case 'G':
    case 'W': {
      const week = weekOf(local, 1, 4);
      return token[0] === 'W' ? number(week.week) : pad(token === 'GG' ? week.year % 100 : week.year, token.length);
    }
    case 'g':
    case 'w': {
      const week = weekOf(local, 0, 1);
      return token[0] === 'w' ? number(week.week) : pad(token === 'gg' ? week.year % 100 : week.year, token.length);
    }
    case 'H':
      return number(hour);
    case 'h':
      return number(hour % 12 || 12);
    case 'k':
      return number(hour || 24);
    case 'm':
      return number(local.getUTCMinutes());
    case 's':
      return number(local.getUTCSeconds());
    case 'S':
      return pad(local.getUTCMilliseconds(), 3).padEnd(token.length, '0').slice(0, token.length);
    case 'A':
      return hour < 12 ? 'AM' : 'PM';
    default:
      return hour < 12 ? 'am' : 'pm';
  }
}

function pad(value: number, length = 2): string {
  return String(value).padStart(length, '0');
}

function name(whole: string, short: boolean): string {
  return short ? whole.slice(0, 3) : whole;
}

function ordinal(value: number): string {
  const last = Math.floor(value / 10) % 10 === 1 ? 0 : value % 10;
  return `${value}${['th', 'st', 'nd', 'rd'][last] ?? 'th'}`;
}

/**
 * The week of the year. ISO 8601: it begins on Monday (1), and the first one contains January 4th. English: on Sunday
 * (0), and the first one contains January 1st.
 */
function weekOf(local: Date, firstDay: 0 | 1, contained: number): { readonly year: number; readonly week: number } {
  const startOf = (year: number) => {
    const day = Date.UTC(year, 0, contained);
    return day - ((new Date(day).getUTCDay() - firstDay + 7) % 7) * DAY;
  };
  const year = local.getUTCFullYear();
  const time = local.getTime();
  const own = time < startOf(year) ? year - 1 : time >= startOf(year + 1) ? year + 1 : year;
  return { year: own, week: Math.floor((time - startOf(own)) / (7 * DAY)) + 1 };
}

/** Minutes east of UTC. */
function offsetOf(date: Date, zone: string): number {
  if (zone === 'UTC') return 0;
  const text = partOf(date, zone, 'longOffset');
  const [, sign = '', hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function printOffset(offset: number, colon: string): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60))}${colon}${pad(minutes % 60)}`;
}

function abbreviation(date: Date, zone: string): string {
  return partOf(date, zone, 'short');
}

function partOf(date: Date, zone: string, style: 'longOffset' | 'short'): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: style }).formatToParts(date);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}
