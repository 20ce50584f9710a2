import { folderOf, nameOf } from '../contents/layer-path.ts';

/** A file that is known by its name, and what in it makes it a secret; without `holds` the name is enough. */
export interface SecretFile {
  readonly what: string;
  readonly name: RegExp;
  /** Of the folder that holds it. */
  readonly folder?: RegExp;
  readonly holds?: RegExp;
  /** Where it is no secret by itself. */
  readonly kind?: 'history';
}

const REGISTRY_AUTH = /"(auth|identitytoken|registrytoken|password)"\s*:\s*"[^"]{4,}"/;
/** Written to be copied and filled in. */
const EXAMPLE = /\.(?:example|sample|template|dist|defaults|tpl|schema)$/i;
/** Public by nature, although they end like a key. */
const PUBLIC = /(?:^|[._-])pub(?:lic)?(?:[._-]|$)|archive-keyring|\.gpg\.key$|release\.key$/i;

/** Every file that is a secret by its name. Those whose content can be judged say how. */
const FILES: readonly SecretFile[] = [
  // Every repository has one; a worktree's or submodule's `.git` is a file, and no secret.
  { what: 'git repository', name: /^HEAD$/, folder: /^\.git$/, kind: 'history' },
  // actions/checkout and `git clone https://user:password@…` leave what they logged in with.
  {
    what: 'git credentials',
    name: /^config$/,
    folder: /^\.git$/,
    holds: /(:\/\/[^/\s:@]{1,200}:[^/\s@]{1,500}@|^[ \t]*extraheader[ \t]*=[ \t]*authorization:)/im,
  },
  {
    what: 'environment file',
    name: /^\.env(\.[A-Za-z0-9._-]+)?$/,
    holds: /^[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_]*[ \t]*=[ \t]*(?!\$\{)["']?[^\s"'#]/m,
  },
  {
    what: 'npm credentials',
    name: /^\.?npmrc$/,
    holds: /^[^#;\n]*(_authToken|_auth|_password)[ \t]*=[ \t]*(?!["']?\$\{)\S/m,
  },
  { what: 'yarn credentials', name: /^\.yarnrc(\.yml)?$/, holds: /npmAuth(Token|Ident)["']?:?[ \t]+(?!["']?\$\{)\S/ },
  { what: 'registry credentials', name: /^config\.json$/, folder: /^\.docker$/, holds: REGISTRY_AUTH },
  { what: 'registry credentials', name: /^auth\.json$/, folder: /^containers$/, holds: REGISTRY_AUTH },
  { what: 'registry credentials', name: /^\.docker(cfg|configjson)$/, holds: REGISTRY_AUTH },
  { what: 'PyPI credentials', name: /^\.pypirc$/, holds: /^[ \t]*password[ \t]*[=:][ \t]*\S/m },
  { what: 'netrc credentials', name: /^[._]netrc$/, holds: /\bpassword\s+\S/ },
  { what: 'AWS credentials', name: /^credentials$/, folder: /^\.aws$/, holds: /aws_secret_access_key[ \t]*=[ \t]*\S/i },
  {
    what: 'Kubernetes credentials',
    name: /^(config|kubeconfig|admin\.conf|kubeconfig\.ya?ml)$/,
    folder: /^(\.kube|kubernetes)$/,
    holds: /^[ \t-]*(client-key-data|token|password):[ \t]*\S/m,
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
    holds: /^[ \t]*token[ \t]*=[ \t]*\S/m,
  },
  { what: 'RubyGems credentials', name: /^credentials$/, folder: /^\.gem$/, holds: /_api_key:[ \t]*\S/ },
  { what: 'Maven credentials', name: /^settings\.xml$/, folder: /^\.m2$/, holds: /<password>(?!\$\{)[^<]/ },
  { what: 'GitHub CLI credentials', name: /^hosts\.yml$/, folder: /^gh$/, holds: /oauth_token:[ \t]*\S/ },
  { what: 'PostgreSQL passwords', name: /^\.pgpass$/, holds: /^[^#\n]*:[^:\n]+$/m },
  { what: 'key store', name: /\.(p12|pfx)$/i },
];

/** Of a layer's file: what its name, and then its content, would make of it. */
export function secretFilesLike(path: string): readonly SecretFile[] {
  const name = nameOf(path);
  if (EXAMPLE.test(name)) return [];
  const folder = nameOf(folderOf(path));
  return FILES.filter((file) => file.name.test(name) && (file.folder?.test(folder) ?? true));
}

const HISTORY = /^\.(?:git|hg|svn)$/;
/** Names whose content nobody can see yet, in a Dockerfile: these are more, and folders are among them. */
const NAMED =
  /^(?:id_(?:rsa|dsa|ecdsa|ed25519)(?:_\w+)?|\.htpasswd|\.my\.cnf|\.aws|\.ssh|\.gnupg|\.kube|\.azure|\.vault-token|kubeconfig|credentials(?:\.json)?|service[-_]?account[\w-]*\.json|secrets?\.(?:ya?ml|json|toml|env|txt)|terraform\.tfstate(?:\.backup)?|.*\.(?:key|kdbx|ppk|jks|keystore))$/i;
const BELOW = /(?:^|\/)(?:\.config\/gcloud|\.aws\/|\.ssh\/|\.kube\/|\.gnupg\/)/i;

/** Of a path that a Dockerfile copies: what it is by its name; undefined for anything else. */
export function sensitivePath(path: string): 'secret' | 'history' | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  const name = parts.at(-1) ?? '';
  const clean = parts.join('/');
  if (HISTORY.test(name) || parts.slice(0, -1).includes('.git')) return 'history';
  if (EXAMPLE.test(name) || PUBLIC.test(name)) return undefined;
  return NAMED.test(name) || BELOW.test(clean) || secretFilesLike(`/${clean}`).some(({ kind }) => kind !== 'history')
    ? 'secret'
    : undefined;
}
