import { credentialsIn, type FoundCredential, type TextKind } from './find.ts';
import { isPublicName } from './names.ts';
import { isPlaceholder } from './placeholders.ts';

/**
 * `placeholder`: a value from documentation and defaults (`user:password@host`). `public`: a key that browsers receive
 * anyway (`NEXT_PUBLIC_SUPABASE_ANON_KEY`), or a comment. Everything else is `real` and grants access.
 */
type Grade = 'real' | 'placeholder' | 'public';

export interface GradedCredential extends FoundCredential {
  readonly grade: Grade;
}

export function gradedCredentialsIn(text: string, kind: TextKind): readonly GradedCredential[] {
  return credentialsIn(text, kind).map((found) => ({ ...found, grade: gradeOf(text, found) }));
}

export function realCredentialsIn(text: string, kind: TextKind): readonly FoundCredential[] {
  return credentialsIn(text, kind).filter((found) => gradeOf(text, found) === 'real');
}

function gradeOf(text: string, found: FoundCredential): Grade {
  if (isPublished(text, found) || isCommentedOut(text, found)) return 'public';
  return isDocumented(text, found) ? 'placeholder' : 'real';
}

/** A password that describes itself, or equals the user's name. */
function isDocumented(text: string, { what, at, length }: FoundCredential): boolean {
  const found = text.slice(at, at + length);
  if (what === 'password in a connection string') return isPlaceholder(found.slice(found.indexOf('=') + 1));
  if (what !== 'password in an address') return false;
  const [user = '', password = ''] = found.slice('://'.length).replace(/@.*/s, '').split(':');
  return user.toLowerCase() === password.toLowerCase() || isPlaceholder(password);
}

/** Forms in a framework's public variables: keys that identify a project. */
const PROJECT_KEYS = new Set(['Google API key', 'JSON web token']);
const NAME = /[\w.-]/;

function isPublished(text: string, { what, at }: FoundCredential): boolean {
  if (!PROJECT_KEYS.has(what)) return false;
  let end = at;
  const back = (characters: string) => {
    while (end > 0 && at - end < 20 && characters.includes(text[end - 1] ?? '\n')) end -= 1;
  };
  back('"\' \t');
  if (text[end - 1] !== '=' && text[end - 1] !== ':') return false;
  end -= 1;
  back('"\' \t');
  let start = end;
  while (start > 0 && end - start < 200 && NAME.test(text[start - 1] ?? '\n')) start -= 1;
  return isPublicName(text.slice(start, end));
}

/** `;Password=…` at the start of a line is a comment of an INI file. */
function isCommentedOut(text: string, { what, at }: FoundCredential): boolean {
  if (what !== 'password in a connection string') return false;
  let start = at;
  while (start > 0 && ' \t'.includes(text[start - 1] ?? '\n')) start -= 1;
  return start === 0 || text[start - 1] === '\n';
}
