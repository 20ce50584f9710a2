import { folderOf, nameOf } from '../contents/layer-path.ts';
import { isReference } from './names.ts';
import { isPlaceholder } from './placeholders.ts';

/** A file that is known by its name, and the content that makes it a secret; without `holds` the name is enough. */
export interface SecretFile {
  readonly what: string;
  readonly name: RegExp;
  /** Name of the folder that contains it. */
  readonly folder?: RegExp | undefined;
  /** If it has a group `value`, that group is the secret: a placeholder or a reference does not count. */
  readonly holds?: RegExp;
  /** Set if the file is not a secret by itself. */
  readonly kind?: 'history' | undefined;
}

const REGISTRY_AUTH = /"(auth|identitytoken|registrytoken|password)"\s*:\s*"[^"]{4}/;
/** Files that are meant to be copied and filled in. */
const EXAMPLE = /[._-](?:example|sample|template|dist|defaults|tpl|schema)$|^\.?(?:example|sample|template)\./i;
const ENV_FILE = /^\.(?:env(?:[._-][\w.-]+)?|envrc|flaskenv)$|^[\w.-]+\.env$/i;
/** Public by nature, although their names end like those of keys. */
const PUBLIC = /(?:^|[._-])pub(?:lic)?(?:[._-]|$)|archive-keyring|\.gpg\.key$|release\.key$/i;

/** All files that are secrets by name. If their content can be judged, `holds` says how. */
const FILES: readonly SecretFile[] = [
  // Every repository has one. In a worktree or submodule `.git` is a file, and not a secret.
  { what: 'git repository', name: /^HEAD$/, folder: /^\.git$/, kind: 'history' },
  // actions/checkout and `git clone https://user:password@…` store their credentials here.
  {
    what: 'git credentials',
    name: /^config$/,
    folder: /^\.git$/,
    holds: /:\/\/[^/\s:@]{1,200}:[^/\s@]{1,500}@/,
  },
  {
    what: 'git credentials',
    name: /^config$/,
    folder: /^\.git$/,
    holds: /^[ \t]*extraheader[ \t]*=[ \t]*authorization:/im,
  },
  {
    what: 'npm credentials',
    name: /^\.?npmrc$/,
    holds: /^[^#;\r\n\u2028\u2029]*(?:_authToken|_auth|_password)[ \t]*=[ \t]*["']?(?<value>[^\s"']+)/m,
  },
  {
    what: 'yarn credentials',
    name: /^\.yarnrc(\.yml)?$/,
    holds: /npmAuth(?:Token|Ident)["']?:?[ \t]+["']?(?<value>[^\s"']+)/,
  },
  { what: 'registry credentials', name: /^config\.json$/, folder: /^\.docker$/, holds: REGISTRY_AUTH },
  { what: 'registry credentials', name: /^auth\.json$/, folder: /^containers$/, holds: REGISTRY_AUTH },
  { what: 'registry credentials', name: /^\.docker(cfg|configjson)$/, holds: REGISTRY_AUTH },
  { what: 'PyPI credentials', name: /^\.pypirc$/, holds: /^[ \t]*password[ \t]*[=:][ \t]*(?<value>\S+)/m },
  { what: 'netrc credentials', name: /^[._]netrc$/, holds: /\bpassword\s+(?<value>\S+)/ },
  {
    what: 'AWS credentials',
    name: /^credentials$/,
    folder: /^\.aws$/,
    holds: /aws_secret_access_key[ \t]*=[ \t]*(?<value>\S+)/i,
  },
  {
    what: 'Kubernetes credentials',
    name: /^(config|kubeconfig|admin\.conf|kubeconfig\.ya?ml)$/,
    folder: /^(\.kube|kubernetes)$/,
    holds: /^[ \t-]*(?:client-key-data|token|password):[ \t]*["']?(?<value>[^\s"']+)/m,
  },
  { what: 'git credentials', name: /^\.git-credentials$/, holds: /:\/\/[^/\s:@]{1,200}:[^/\s@]{1,500}@/ },
  {
    what: 'Google credentials',
    name: /^application_default_credentials\.json$/,
    holds: /"(refresh_token|private_key)"/,
  },
  {
    what: 'Cargo credentials',
    name: /^credentials(\.toml)?$/,
    folder: /^\.cargo$/,
    holds: /^[ \t]*token[ \t]*=[ \t]*["']?(?<value>[^\s"']+)/m,
  },
  { what: 'RubyGems credentials', name: /^credentials$/, folder: /^\.gem$/, holds: /_api_key:[ \t]*(?<value>\S+)/ },
  { what: 'Maven credentials', name: /^settings\.xml$/, folder: /^\.m2$/, holds: /<password>(?<value>[^<]+)/ },
  { what: 'GitHub CLI credentials', name: /^hosts\.yml$/, folder: /^gh$/, holds: /oauth_token:[ \t]*(?<value>\S+)/ },
  { what: 'PostgreSQL passwords', name: /^\.pgpass$/, holds: /^[^#\r\n\u2028\u2029]*:[^:\r\n\u2028\u2029]+$/m },
  {
    what: 'MySQL password',
    name: /^\.my\.cnf$/,
    holds: /^[ \t]*password[ \t]*=[ \t]*["']?(?<value>[^\s"'#]+)/m,
  },
  {
    what: 'database password',
    name: /^wp-config\.php$/,
    holds: /^[ \t]*define\([ \t]*['"]DB_PASSWORD['"][ \t]*,[ \t]*['"](?<value>[^'"\n]+)/m,
  },
  { what: 'Rails key', name: /^(?:master|production|staging)\.key$/, holds: /^[0-9a-f]{32}\s*$/ },
  { what: 'PuTTY key', name: /\.ppk$/i, holds: /^PuTTY-User-Key-File-[23]: / },
  { what: 'key store', name: /^(?!.*(?:trust|cacert)).*\.(?:p12|pfx)$/i },
];

/** Entries that match a layer's file by its name, before its content is checked. */
export function secretFilesLike(path: string): readonly SecretFile[] {
  const name = nameOf(path);
  if (EXAMPLE.test(name)) return [];
  const folder = nameOf(folderOf(path));
  return FILES.filter((file) => file.name.test(name) && (file.folder?.test(folder) ?? true));
}

/** A file of variables, one per line. */
export function isEnvFile(path: string): boolean {
  const name = nameOf(path);
  return ENV_FILE.test(name) && !EXAMPLE.test(name);
}

/** Position of the first content that makes the file a secret; undefined if there is none. */
export function secretPlaceIn(text: string, holds: RegExp): number | undefined {
  for (const { index, groups } of text.matchAll(new RegExp(holds, `${holds.flags}g`))) {
    const { value } = groups ?? {};
    if (value === undefined || !(isReference(value) || isPlaceholder(value))) return index;
  }
  return undefined;
}

const HISTORY = /^\.(?:git|hg|svn)$/;
/** Names of files that contain a secret, whatever its form. */
const NAMED =
  /^(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_\w+)?|\.htpasswd|\.my\.cnf|\.aws|\.ssh|\.gnupg|\.kube|\.azure|\.vault-token|kubeconfig|credentials(?:\.json)?|service[-_]?account[\w-]*\.json|secrets?\.(?:ya?ml|json|toml|env|txt)|terraform\.tfstate(?:\.backup)?|.*\.(?:key|kdbx|ppk|jks|keystore|p12|pfx))$/i;
const BELOW = /(?:^|\/)(?:\.config\/gcloud|\.aws\/|\.ssh\/|\.kube\/|\.gnupg\/)/i;
/** Files in these folders that belong to a secret but are not secret. */
const HARMLESS = /^(?:known_hosts|config|authorized_keys)$/i;

/**
 * Classifies a path that a Dockerfile copies, by its name. `secret`: only secrets have this name. `settings`: a file
 * that contains a secret in some repositories, but not in most. Undefined for anything else.
 */
export function sensitivePath(path: string): 'secret' | 'settings' | 'history' | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const name = parts.at(-1) ?? '';
  const clean = parts.join('/');
  if (HISTORY.test(name) || parts.slice(0, -1).includes('.git')) return 'history';
  if (EXAMPLE.test(name) || PUBLIC.test(name)) return undefined;
  if (NAMED.test(name) || (BELOW.test(clean) && !HARMLESS.test(name))) return 'secret';
  const known = secretFilesLike(`/${clean}`).some(({ kind }) => kind !== 'history');
  return known || isEnvFile(name) || /\.pem$/i.test(name) ? 'settings' : undefined;
}
