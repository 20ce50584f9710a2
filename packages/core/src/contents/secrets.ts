import { folderOf, nameOf } from './layer-path.ts';
import { tokensIn } from './tokens.ts';

/** Content is searched up to this size: what holds credentials is a text that somebody wrote. Bytes. */
export const MOST_SEARCHED = 1024 * 1024;

/** A file that is known by its name, and what in it makes it a secret; without `holds` the name is enough. */
interface SecretFile {
  readonly what: string;
  readonly name: RegExp;
  /** Of the folder that holds it. */
  readonly folder?: RegExp;
  readonly holds?: RegExp;
  /** Where it is no secret by itself. */
  readonly kind?: 'history';
}

const REGISTRY_AUTH = /"(auth|identitytoken|registrytoken|password)"\s*:\s*"[^"]{4,}"/;

const FILES: readonly SecretFile[] = [
  // Every repository has one; a worktree's or submodule's `.git` is a file, and no secret.
  { what: 'git repository', name: /^HEAD$/, folder: /^\.git$/, kind: 'history' },
  // actions/checkout and `git clone https://user:password@…` leave what they logged in with.
  {
    what: 'git credentials',
    name: /^config$/,
    folder: /^\.git$/,
    holds: /(:\/\/[^/\s:@]+:[^/\s@]+@|^[ \t]*extraheader[ \t]*=[ \t]*authorization:)/im,
  },
  {
    what: 'environment file',
    name: /^\.env(\.(?!example$|sample$|template$|dist$|defaults$)[A-Za-z0-9._-]+)?$/,
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
  { what: 'git credentials', name: /^\.git-credentials$/, holds: /:\/\/[^/\s:@]+:[^/\s@]+@/ },
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

export interface Secret {
  readonly what: string;
  /** A git repository is a finding of its own kind. */
  readonly kind?: 'history';
  /** From 1; undefined where the whole file is meant. */
  readonly line?: number;
}

/** Whether the name alone makes the content worth reading, whatever it looks like. */
function namedLike(path: string): readonly SecretFile[] {
  const name = nameOf(path);
  const folder = nameOf(folderOf(path));
  return FILES.filter((file) => file.name.test(name) && (file.folder?.test(folder) ?? true));
}

/**
 * Secrets of one file: known by its name and what it holds, or by the form of a token in its text. Each kind is told
 * once for a file, where it stands first. A binary file (a NUL in its first 8 KiB, as git tells them) is not searched.
 * @param content all of it; undefined for a file that is too large to search, of which only the name is judged
 */
export function secretsIn(path: string, content: Buffer | undefined): readonly Secret[] {
  const found = new Map<string, Secret>();
  const add = (what: string, line?: number) => {
    if (!found.has(what)) found.set(what, line === undefined ? { what } : { what, line });
  };
  const named = namedLike(path);
  const nul = content?.indexOf(0) ?? -1;
  const searched = content && (nul < 0 || nul >= 8192);
  if (named.length === 0 && !searched) return [];
  const text = searched ? content.toString('latin1', 0, content.length) : '';
  for (const { what, holds, kind } of named) {
    if (!holds) {
      if (content === undefined || content.length > 0) found.set(what, { what, ...(kind ? { kind } : {}) });
      continue;
    }
    const match = holds.exec(text);
    if (match) add(what, lineOf(text, match.index));
  }
  for (const { what, at } of tokensIn(text)) add(what, lineOf(text, at));
  return [...found.values()];
}

/** A name that ends in one of these says what its value is. */
const TELLING = /\b([A-Z0-9_]*(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY))=([^\s"'\\$]{8,})/g;

/**
 * Secrets in an image's config: environment, labels, and the build arguments that its history repeats word for word
 * (`RUN |1 NPM_TOKEN=… /bin/sh -c …`).
 */
export function secretsInConfig(text: string): readonly Secret[] {
  const found = new Set(tokensIn(text).map(({ what }) => what));
  for (const [, name, value = ''] of text.matchAll(TELLING)) {
    // A path or an address where the secret will be found is none.
    if (!/^(\/|https?:|file:)/.test(value)) found.add(`value of ${name}`);
  }
  return [...found].map((what) => ({ what }));
}

/** A text in which secrets stand as `***`: a line of history is shown to people, and may repeat a build argument. */
export function withoutSecrets(text: string): string {
  const bare = text.replace(TELLING, (_, name: string) => `${name}=***`);
  let clean = '';
  let from = 0;
  for (const { at, length } of tokensIn(bare)) {
    if (at < from) continue;
    clean += `${bare.slice(from, at)}***`;
    from = at + length;
  }
  return clean + bare.slice(from);
}

function lineOf(text: string, at: number): number {
  let line = 1;
  for (let next = text.indexOf('\n'); next >= 0 && next < at; next = text.indexOf('\n', next + 1)) line += 1;
  return line;
}
