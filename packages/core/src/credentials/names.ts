import { isPlaceholder } from './placeholders.ts';

const NAME = new RegExp(
  `(?:^|[_.-])(?:${[
    // Also with a prefix and without a separator: PGPASSWORD, DBPASSWD.
    ...['[a-z0-9]{0,40}(?:passwords?|passwd|passphrase)', 'pword', '(?:mysql|db|pg|sql|root|user|admin)?pwd'],
    ...['secrets?', 'credentials?', 'tokens?', '(?:client|app|api|auth|jwt|shared|webhook)secret'],
    '(?:gh|git|github|gitlab|npm|auth|access|refresh|bearer|api|bot|oauth|id|session|deploy|user|slack|sentry|hf|vault)tokens?',
    '(?:open|my|app|rest)?apikey|privatekey|secretkey|accesskey|masterkey|signingkey|encryptionkey',
    '(?:api|private|access|secret|ssh|encryption|signing|deploy|license|auth|master|session|jwt)[_-]?key',
    ...['auth[_-]?token', '(?:npm|docker|registry|basic|rediscli)[_-]auth', 'pat'],
    // `pass` alone may be one of several passes over data, so it must be at the end: DB_PASS, SSHPASS.
    '(?:db|pg|my|mysql|sql|ssh|smtp|ftp|mail|user|root|admin|redis|mongo|ldap|key|store|git|app)?pass$',
  ].join('|')})(?:[_.-]|$)`,
  'i',
);
/** Suffixes that change the meaning of a secret's word: the variable contains its location or its lifetime. */
const ABOUT = [
  ...[
    'file',
    'path',
    'dir',
    'url',
    'uri',
    'host',
    'hostname',
    'port',
    'endpoint',
    'location',
    'bucket',
    'region',
    'arn',
  ],
  ...[
    'name',
    'id',
    'type',
    'kind',
    'class',
    'format',
    'version',
    'prefix',
    'suffix',
    'header',
    'field',
    'param',
    'cookie',
  ],
  ...[
    'ttl',
    'expiry',
    'expires?[_-]?(?:in|at|after)?',
    'expiration',
    'timeout',
    'interval',
    'lifetime',
    'duration',
    'age',
  ],
  ...['days', 'hours', 'minutes?', 'seconds?', 'secs?', 'ms', 'rotation', 'length', 'size', 'count', 'limit', 'budget'],
  ...[
    'rounds',
    'cost',
    'issuer',
    'audience',
    'realm',
    'scopes?',
    'algorithm',
    'algo?',
    'hashers?',
    'encoder',
    'policy',
  ],
  ...[
    'mount',
    'manager',
    'provider',
    'backend',
    'store',
    'engine',
    'service',
    'project',
    'namespace',
    'driver',
    'helper',
  ],
  ...['strategy', 'mode', 'method', 'strength', 'validators?', 'regexp?', 'pattern', 'enabled', 'disabled', 'required'],
  ...['dummy', 'hint', 'prompt', 'label', 'source', 'template'],
].join('|');
const NOT_ITSELF = new RegExp(
  `[_-]?(?:${ABOUT})$|(?:^|[_-])(?:public|no|disable|enable|require|max|min|use|skip|allow(?:[_-]empty)?)[_-]|tokens?[_-]per[_-]|secrets?[_-]manager`,
  'i',
);
/** Frameworks put variables with these prefixes into the page that every visitor gets. */
const IN_THE_PAGE = /^(?:VITE|REACT_APP|VUE_APP|NG_APP|GATSBY|EXPO_PUBLIC|STORYBOOK|PUBLIC)_/i;
const LONGEST_NAME = 200;

/** Whether a variable contains a secret, by its name: `NPM_TOKEN`, `db_password`, `PGPASSWORD`. */
export function isSecretName(name: string): boolean {
  return name.length <= LONGEST_NAME && NAME.test(name) && !NOT_ITSELF.test(name) && !isPublicName(name);
}

/** Whether a variable is made public, by its name: `NEXT_PUBLIC_API_KEY`, `VITE_TOKEN`. */
export function isPublicName(name: string): boolean {
  return IN_THE_PAGE.test(name) || /(?:^|[_-])public[_-]/i.test(name.slice(0, LONGEST_NAME));
}

/** References to a value that is set elsewhere. */
const REFERENCE =
  /^(?:\$|%[A-Za-z({]|<|\{|\[|\(\(|#\{|ENC[[(]|encrypted:|__\w{1,200}__$|@[\w.-]{1,200}@$|process\.env\b|os\.environ\b|ENV\[|(?:get)?env\()/;

/** `$TOKEN`, `<token>`, `{{ token }}`, `ENC[…]`: the value is somewhere else. */
export function isReference(value: string): boolean {
  return REFERENCE.test(value);
}

const NOTHING = /^(?:|none|null|nil|undefined|true|false|yes|no|on|off|unset|.|[*•.#_-]+|x{3,})$/i;
/** A path or URL where the secret is stored; one that contains a password is found by its form. */
const PLACE = /^(?:~?\.{0,2}\/|file:|[a-z][a-z0-9+]{1,20}:\/\/|[a-z]:\\|arn:|vault:|secretref:|projects\/)/i;
const WORD = /^[A-Za-z]+$/;

/**
 * Whether the value of a variable with a secret name is a secret: not empty, a switch, a mask (`****`), a reference
 * (`$TOKEN`, `<token>`), a path, the name of something (`X-CSRF-Token`), or a placeholder (`changeme`).
 */
export function isSecretValue(value: string): boolean {
  return isFilledIn(value) && !isPlaceholder(bare(value));
}

/**
 * The same, but placeholders count. Decides what is redacted in output for people: a weak password is a password, too.
 */
export function isFilledIn(value: string): boolean {
  const text = bare(value);
  return !isReference(text) && !NOTHING.test(text) && !PLACE.test(text) && !isName(text);
}

function bare(value: string): string {
  return value.trim().replace(/^(["'])(.*)\1$/s, '$2');
}

/** Two or more words, one of which describes the value: `X-CSRF-Token`, `db_password`. */
function isName(text: string): boolean {
  if (text.length > LONGEST_NAME) return false;
  const words = text.split(/[-_]/);
  return words.length > 1 && words.every((word) => WORD.test(word)) && isSecretName(text);
}
