/** For tests: how programs write a secret. Independent of the redactor's own code, which is tested with it. */

const bytes = (text: string) => [...Buffer.from(text)];
const hex = (byte: number, digits = 2) => byte.toString(16).padStart(digits, '0');
const each = (text: string, write: (character: string, code: number) => string) =>
  Array.from(text, (one) => write(one, one.codePointAt(0) ?? 0)).join('');
const units = (text: string, write: (unit: number) => string) =>
  Array.from({ length: text.length }, (_, at) => write(text.charCodeAt(at))).join('');
const percent = (text: string, keeps: RegExp, lower = false) =>
  bytes(text)
    .map((byte) => {
      const one = String.fromCharCode(byte);
      if (byte < 0x80 && keeps.test(one)) return one;
      return `%${lower ? hex(byte) : hex(byte).toUpperCase()}`;
    })
    .join('');
const json = (text: string) => JSON.stringify(text).slice(1, -1);
/** Go's encoding/json, which escapes for HTML. */
const goJson = (text: string) =>
  json(text.toWellFormed()).replace(/[<>&\u2028\u2029]/g, (one) => `\\u${hex(one.charCodeAt(0), 4)}`);
const GO: Readonly<Record<string, string>> = {
  ...{ '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' },
  ...{ '\\': '\\\\', '"': '\\"' },
};
/** Go's strconv.Quote (%q), and QuoteToASCII (%+q). */
const goQuoted = (text: string, ascii: boolean) =>
  each(text.toWellFormed(), (one, code) => {
    if (GO[one]) return GO[one];
    if (code < 0x20 || code === 0x7f) return `\\x${hex(code)}`;
    if (code < 0x80 || !ascii) return one;
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  });
/** As our summaries do. */
const markdown = (text: string) => text.replace(/[!-/:-@[-`{-~]/g, '\\$&').replace(/\\[@#]|GH\\-/gi, '$&<!-- -->');
const html = (text: string) =>
  text.replace(/[&<>"']/g, (one) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' }[one]};`);

export const FORMS: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (text) => text,
  'in JSON': json,
  'in JSON in JSON': (text) => json(json(text)),
  'in JSON of ASCII': (text) =>
    units(text, (unit) => (unit < 0x80 ? json(String.fromCharCode(unit)) : `\\u${hex(unit, 4)}`)),
  'in JSON of capital digits': (text) => units(text, (unit) => `\\u${hex(unit, 4).toUpperCase()}`),
  'in JSON with slashes escaped': (text) => json(text).replaceAll('/', '\\/'),
  "in Go's JSON": goJson,
  "in Go's JSON, quoted by Go": (text) => goQuoted(goJson(text), false),
  'quoted by Go': (text) => goQuoted(text, false),
  'quoted by Go, ASCII only': (text) => goQuoted(text, true),
  'as bytes of C': (text) =>
    bytes(text)
      .map((byte) => `\\x${hex(byte)}`)
      .join(''),
  'as git quotes a path': (text) =>
    bytes(text)
      .map((byte) =>
        byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, '0')}` : json(String.fromCharCode(byte)),
      )
      .join(''),
  'in a query': (text) => encodeURIComponent(text.toWellFormed()),
  'in a query, lower case': (text) => percent(text, /[\w.~-]/, true),
  'in a query of a form': (text) => new URLSearchParams({ a: text }).toString().slice(2),
  'in userinfo by Go': (text) => percent(text, /[\w.~$&+,;=-]/),
  'in userinfo by a browser': (text) => percent(text, /[\w.~!$&'()*+,%-]/),
  'in a path': (text) => percent(text, /[\w.~!$&'()*+,;=:@/-]/),
  'all in percent': (text) => percent(text, /^$/),
  'in a query in a query': (text) => percent(percent(text, /[\w.~-]/), /[\w.~-]/),
  'in a query in JSON': (text) => json(`?p=${percent(text, /[\w.~-]/)}`),
  'in JSON in a query': (text) => percent(json(text), /[\w.~-]/, true),
  'in Markdown': markdown,
  'in HTML': html,
  'in HTML, by number': (text) => each(text, (_, code) => `&#${code};`),
  'in HTML, by hexadecimal number': (text) => each(text, (_, code) => `&#x${hex(code)};`),
  'in HTML in JSON': (text) => json(html(text)),
  'in JSON in HTML': (text) => html(json(text)),
  'in base64': (text) => Buffer.from(text).toString('base64'),
  'in base64 of an address': (text) => Buffer.from(text).toString('base64url'),
  'in a basic authorization header': (text) => Buffer.from(`user:${text}`).toString('base64'),
  'in base64 in a query': (text) => encodeURIComponent(Buffer.from(`a:${text}`).toString('base64')),
  'in hex': (text) => Buffer.from(text).toString('hex'),
  'in hex, capital': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  'with a colour inside': (text) => `${text.slice(0, 4)}\u001b[1m${text.slice(4)}`,
  'with a link inside': (text) => `${text.slice(0, 4)}\u001b]8;;https://a.test\u0007${text.slice(4)}`,
  'with a link inside, ended by two characters': (text) =>
    `${text.slice(0, 4)}\u001b]8;;https://a.test\u001b\\${text.slice(4)}`,
  'with a zero byte inside': (text) => `${text.slice(0, 4)}\0${text.slice(4)}`,
  'with a grapheme joiner inside': (text) => `${text.slice(0, 4)}\u034f${text.slice(4)}`,
  'with a variation selector inside': (text) => `${text.slice(0, 4)}\ufe0f${text.slice(4)}`,
  'with a filler inside': (text) => `${text.slice(0, 4)}\u3164${text.slice(4)}`,
  'with a joiner inside': (text) => `${text.slice(0, 4)}\u200d${text.slice(4)}`,
  'with a byte order mark inside': (text) => `${text.slice(0, 4)}\ufeff${text.slice(4)}`,
  'with a tag character inside': (text) => `${text.slice(0, 4)}\u{e0041}${text.slice(4)}`,
  'with line ends of Windows': (text) => text.replaceAll('\n', '\r\n'),
};

export const SECRETS: readonly string[] = [
  ...['hunter2-Tr0ub4dor', 'p@ss/wörd+?&=#% x', 'a"b\\c\'d<e>f&g', 'tab\tand\x01control\x7f', 'grüße \u{1f600} 日本語'],
  ...[
    'lone\ud800surrogate',
    '\udc00begins-with-one',
    '100%25%41literal',
    'C:\\new\\table\\x41',
    '&amp;literal&#65;',
    '++plus  and blanks++',
  ],
  ...[
    '-----BEGIN KEY-----\nMIGHAgEAMBMG+/==\n-----END KEY-----',
    '{"auth":"dXNlcjpwYXNz","n":1}',
    '::set-env name=a::b',
    '##[group]secret',
  ],
  ...[
    '$(echo `x`)|_*~[a](b)',
    'https://user:p%40ss@host.test/x?y=z',
    'team#42/GH-17@host',
    'ghp_q8Zt3LmW9xVb2KcRf7YdHs5JpAe4NgUu',
  ],
];
