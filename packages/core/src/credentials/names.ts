const NAME = new RegExp(
  `(?:^|[_.-])(?:${[
    ...['passwords?', 'passwd', 'pword', 'passphrase', 'pwd', 'secrets?', 'credentials?', 'tokens?'],
    ...['apikey', 'privatekey', 'secretkey', 'accesskey'],
    '(?:api|private|access|secret|ssh|encryption|signing|deploy|license|auth|master|session|jwt)[_-]?key',
    ...['auth[_-]?token', '(?:npm|docker|registry|basic)[_-]auth', 'pat'],
  ].join('|')})(?:[_.-]|$)`,
  'i',
);
/** Where a secret lies, what it is called, how long it lives: no secret itself. */
const NOT_ITSELF =
  /[_-]?(?:file|path|dir|url|uri|name|id|ttl|expiry|expires?_in|length|type|header|endpoint|issuer|algorithm|policy|mount)$|(?:^|[_-])(?:public|no|disable|enable|require|max|min)[_-]/i;
const LONGEST_NAME = 200;

/** Whether a variable, by its name, holds a secret: `NPM_TOKEN`, `db_password`. */
export function isSecretName(name: string): boolean {
  return name.length <= LONGEST_NAME && NAME.test(name) && !NOT_ITSELF.test(name);
}

/** What stands in the place of a value that is given elsewhere. */
const REFERENCE = /^(?:\$|%[A-Za-z({]|<|\{|\[)/;
const NOTHING = /^(?:|none|null|nil|undefined|true|false|yes|no|on|off|unset|[0-9]|[*•.#_-]+|x{3,})$/i;
/** A path or an address where the secret will be found; one that holds a password is found by its form. */
const PLACE = /^(?:~?\.{0,2}\/|file:|https?:|[a-z]:\\)/i;
const WORD = /^[A-Za-z]+$/;

/**
 * Whether a value of a variable that is called like a secret is one: not empty, a switch, a mask (`****`), a reference
 * (`$TOKEN`, `<token>`), a path, or the name of something (`X-CSRF-Token`).
 */
export function isSecretValue(value: string): boolean {
  const text = value.trim().replace(/^(["'])(.*)\1$/s, '$2');
  if (REFERENCE.test(text) || NOTHING.test(text) || PLACE.test(text)) return false;
  return !isName(text);
}

/** Two words or more, of which one says what the value would be: `X-CSRF-Token`, `db_password`. */
function isName(text: string): boolean {
  if (text.length > LONGEST_NAME) return false;
  const words = text.split(/[-_]/);
  return words.length > 1 && words.every((word) => WORD.test(word)) && isSecretName(text);
}
