/** Values that are secrets by their form, whatever they are called. */
const VALUES: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/ },
  { what: 'an AWS access key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/ },
  { what: 'a GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})/ },
  { what: 'a GitLab token', pattern: /\bglpat-[A-Za-z0-9_-]{20,}/ },
  { what: 'an npm token', pattern: /\bnpm_[A-Za-z0-9]{36}\b/ },
  { what: 'a PyPI token', pattern: /\bpypi-AgE[A-Za-z0-9_-]{50,}/ },
  { what: 'a Slack token', pattern: /\bxox[abprs]-[A-Za-z0-9-]{10,}/ },
  { what: 'a Google API key', pattern: /\bAIza[0-9A-Za-z_-]{35}\b/ },
  { what: 'a Stripe key', pattern: /\b[rs]k_live_[0-9A-Za-z]{20,}/ },
  { what: 'a JSON web token', pattern: /\beyJ[A-Za-z0-9_-]{10,500}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/ },
  {
    what: 'a password in an address',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@$'"{}<]{1,100}:(?!\/\/)[^\s/:@$'"{}<]{1,200}@[\w[]/i,
  },
];

/** @returns what it looks like, never the value. */
export function secretIn(text: string): { readonly what: string; readonly offset: number } | undefined {
  for (const { what, pattern } of VALUES) {
    const found = pattern.exec(text);
    if (found) return { what, offset: found.index };
  }
  return undefined;
}

const NAME = new RegExp(
  `(?:^|_|-)(?:${[
    ...[
      'passwords?',
      'passwd',
      'pword',
      'passphrase',
      'pwd',
      'secrets?',
      'credentials?',
      'tokens?',
      'apikey',
      'privatekey',
    ],
    '(?:api|private|access|secret|ssh|encryption|signing|deploy|license|auth|master|session|jwt)_?key',
    ...['auth_?token', '(?:npm|docker|registry|basic)_auth', 'pat'],
  ].join('|')})(?:_|-|$)`,
  'i',
);
/** Where a secret lies, what it is called, how long it lives: no secret itself. */
const NOT_ITSELF =
  /_?(?:file|path|dir|url|uri|name|id|ttl|expiry|expires?_in|length|type|header|endpoint|issuer|algorithm|policy|mount)$|(?:^|_)(?:public|no|disable|enable|require|max|min)_/i;

export function isSecretName(name: string): boolean {
  return NAME.test(name) && !NOT_ITSELF.test(name);
}

const EXAMPLE = /\.(?:example|sample|template|dist|tpl|schema)$/i;
const HISTORY = /^\.(?:git|hg|svn)$/;
const FILES =
  /^(?:\.env(?:\.[\w-]+)*|id_(?:rsa|dsa|ecdsa|ed25519)(?:_\w+)?|\.npmrc|\.pypirc|\.netrc|\.git-credentials|\.htpasswd|\.pgpass|\.my\.cnf|\.aws|\.ssh|\.gnupg|\.kube|\.azure|\.dockercfg|\.vault-token|kubeconfig|credentials(?:\.json)?|service[-_]?account[\w-]*\.json|secrets?\.(?:ya?ml|json|toml|env|txt)|terraform\.tfstate(?:\.backup)?|.*\.(?:key|p12|pfx|kdbx|ppk|jks|keystore))$/i;
const BELOW = /(?:^|\/)(?:\.docker\/config\.json|\.config\/gcloud|\.aws\/|\.ssh\/|\.kube\/|\.gnupg\/)/i;
/** Public by nature, although they end like a key. */
const PUBLIC = /(?:^|[._-])pub(?:lic)?(?:[._-]|$)|archive-keyring|\.gpg\.key$|release\.key$/i;

/** What a path that is copied is, by its name; undefined for anything else. */
export function sensitivePath(path: string): 'secret' | 'history' | undefined {
  const clean = path.replace(/\/+$/, '');
  const name = clean.replace(/^.*\//, '');
  if (HISTORY.test(name) || /(?:^|\/)\.git\//.test(clean)) return 'history';
  if (EXAMPLE.test(name) || PUBLIC.test(name)) return undefined;
  return FILES.test(name) || BELOW.test(clean) ? 'secret' : undefined;
}
