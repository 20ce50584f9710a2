/**
 * Words that people write in place of a secret: in documentation, in a build that needs any value
 * (`SECRET_KEY_BASE=dummy`), in the defaults of databases and frameworks. They disclose nothing.
 */
const WORDS = new Set(
  [
    'a an the my your our own this that these some any any none no not non is be to of in on at for from with and or',
    'here there now later before after please must should only just real actual fake dummy mock stub test tests testing',
    'tester example examples sample demo placeholder default defaults todo tbd fixme change changed changeme changeit',
    'replace replaced replaceme insert enter put paste fill set add edit update use using provide required optional',
    'generate generated generator something anything nothing whatever value values string text phrase word words foo bar',
    'baz qux foobar lorem ipsum xxx build builds buildtime time runtime compile precompile assets asset dev',
    'develop development local localhost prod production staging stage ci env environment variable temporary temp tmp',
    'unused ignored ignore irrelevant empty blank redacted removed hidden masked secret secrets secretkey password',
    'passwords passwd passphrase pass pwd token tokens key keys api apikey',
    'access auth client session cookie jwt hmac signing encryption db database host user username name admin',
    'administrator root guest public private insecure unsafe secure safe strong long super very random unique min',
    'minimum least char chars character characters bit bits byte bytes byte letmein qwerty welcome hello world app',
    'application project company service server docker container django rails laravel symfony wordpress drupal',
    'nextjs spring petclinic postgres postgresql mysql mariadb redis mongo mongodb rabbitmq minio minioadmin elastic',
    'keycloak sail homestead mercure hub sa base it me sqlserver mssql',
  ].flatMap((line) => line.split(' ')),
);
const LONGEST_WORD = Math.max(...[...WORDS].map(({ length }) => length));
/** Maximum length of a placeholder: a longer text says more than that a value is missing. */
const LONGEST = 120;
const COUNTED = '12345678901234567890';
/** Prefixes of keys that a framework generates and warns about (`django-admin startproject`). */
const MARKED =
  /^(?:django-insecure-|dummy|fake[_-]|not[_-]a[_-]|changeme|change[_-]me|placeholder|insecure[_-]|example[_-])/i;

/**
 * Whether a value is a placeholder for a secret: it consists only of words like `changeme`, `dummy` and `password`, of
 * counted digits (`1234`), or of one repeated character. Takes linear time.
 */
export function isPlaceholder(value: string): boolean {
  // A single character cannot be classified.
  if (value.length < 2 || value.length > LONGEST) return false;
  if (MARKED.test(value)) return true;
  const runs = value
    .toLowerCase()
    .replace(/p[a@]?(?:ss|55)w[o0]rd/g, 'password')
    .replace(/base64/g, 'base')
    .match(/[a-z]+|[0-9]+/g);
  // isSecretValue handles masks and dashes: nothing is left of them here.
  if (!runs) return false;
  return (
    new Set(runs.join('')).size === 1 || runs.every((run) => (/^\d/.test(run) ? isCounted(run) : isMadeOfWords(run)))
  );
}

/** `1`, `01`, `12345`, `000`. */
function isCounted(digits: string): boolean {
  return digits.length <= 2 || COUNTED.startsWith(digits) || new Set(digits).size === 1;
}

/** Whether the whole text is a sequence of words. */
function isMadeOfWords(text: string): boolean {
  /** Positions at which a sequence of words ends. */
  const ends = new Set([0]);
  for (let end = 1; end <= text.length; end += 1) {
    for (let length = 1; length <= Math.min(end, LONGEST_WORD); length += 1) {
      if (ends.has(end - length) && WORDS.has(text.slice(end - length, end))) {
        ends.add(end);
        break;
      }
    }
  }
  return ends.has(text.length);
}
