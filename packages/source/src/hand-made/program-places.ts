import { programOf } from '../shell/wrappers.ts';
import { type Commands, scriptFrom } from './places.ts';
import { type Language, type Token, tokensOf } from './program-tokens.ts';

/** The last part of a function's name, where it runs what it is given. */
const RUNS =
  /^(?:system|popen|Popen|run|call|check_call|check_output|getoutput|getstatusoutput|create_subprocess_shell|create_subprocess_exec|exec|execSync|execFile|execFileSync|spawn|spawnSync|spawn_sync|execa|execaSync|execaCommand|execaCommandSync|getExecOutput|execvp?|execlp?|sh|bat|shell|bash|local|sudo|cmd|command|Command|CommandContext|capture2e?|capture3|pipeline)$/;
/** Each word is an argument of its own: `exec.Command("docker", "commit", …)`. */
const TAKES_ARGUMENTS =
  /^(?:create_subprocess_exec|execlp?|Command|CommandContext|spawn|spawnSync|system|capture2e?|capture3)$/;
const ENGINE = /^(?:docker|podman|nerdctl|buildah|ctr|docker-compose)$/;
/** What decides stands among the first; lists in lists would be read over and over. */
const MOST_ARGUMENTS = 50;
/** Stands for an argument that is not a literal. */
const UNKNOWN = '$_';

/** Where a program runs commands: calls of functions that do, lists that begin with an engine, and shells' own quotes. */
export function programPlaces(text: string, language: Language): Commands[] {
  const tokens = tokensOf(text, language);
  const assigned = new Map<string, Token[]>();
  const places: Commands[] = [];
  const script = (token: Token) => places.push(scriptFrom(token.text, token.line));
  const run = new Set<string>();
  for (const [at, token] of tokens.entries()) {
    const next = tokens[at + 1];
    if (token.kind === 'mark' && token.text === '[' && next?.kind === 'string' && isEngine(next.text)) {
      places.push(listPlace(tokens, at + 1, ']'));
    } else if (
      token.kind === 'mark' &&
      token.text === '{' &&
      language === 'go' &&
      next?.kind === 'string' &&
      isEngine(next.text)
    ) {
      places.push(listPlace(tokens, at + 1, '}'));
    } else if (token.kind === 'string') {
      if (language === 'ruby' && token.quote === '`') script(token);
      // Groovy: "docker commit".execute()
      if (language === 'groovy' && next?.text === '.' && tokens[at + 2]?.text.startsWith('execute')) script(token);
    } else if (token.kind === 'name') {
      const name = token.text.split('.').at(-1) ?? '';
      if (next?.text === '=' && tokens[at + 2]?.kind === 'string') {
        const value = tokens[at + 2];
        if (value) assigned.set(token.text, [...(assigned.get(token.text) ?? []), value]);
      }
      if (name === '$' && next?.quote === '`') script(next);
      if (!RUNS.test(name)) continue;
      const open = next?.text === '(';
      const bare = !open && (language === 'groovy' || language === 'ruby');
      if (!open && !bare) continue;
      callPlaces(tokens, at + (open ? 2 : 1), name, script, run, places);
    }
  }
  for (const name of run) for (const token of assigned.get(name) ?? []) script(token);
  return places;
}

/** What a call is given, from its first argument on. */
function callPlaces(
  tokens: readonly Token[],
  from: number,
  name: string,
  script: (token: Token) => void,
  run: Set<string>,
  places: Commands[],
): void {
  let at = from;
  // `script: '…'`, `cmd='…'`, `ctx, "docker"`: a name first.
  if (tokens[at]?.kind === 'name' && (tokens[at + 1]?.text === ':' || tokens[at + 1]?.text === '=')) at += 2;
  else if (name === 'CommandContext' && tokens[at + 1]?.text === ',') at += 2;
  const first = tokens[at];
  if (first?.kind === 'name' && /^(?:[,)]|\.)$/.test(tokens[at + 1]?.text ?? '')) run.add(first.text);
  if (first?.kind !== 'string') return;
  const after = tokens[at + 1]?.text;
  const list = tokens[at + 2];
  if (after === ',' && list?.text === '[') {
    const { args } = listPlace(tokens, at + 3, ']');
    places.push({ kind: 'arguments', args: [first.text, ...args], line: first.line });
  } else if (after === ',' && TAKES_ARGUMENTS.test(name) && !/\s/.test(first.text)) {
    places.push(listPlace(tokens, at, ')'));
  } else script(first);
}

function listPlace(tokens: readonly Token[], from: number, close: string): Commands & { kind: 'arguments' } {
  const args: string[] = [];
  let fresh = true;
  let depth = 0;
  let at = from;
  for (; at < tokens.length && args.length < MOST_ARGUMENTS && at - from < 20 * MOST_ARGUMENTS; at += 1) {
    const token = tokens[at];
    if (!token || (depth === 0 && token.text === close && token.kind === 'mark')) break;
    if (token.kind === 'mark' && '([{'.includes(token.text)) depth += 1;
    if (token.kind === 'mark' && ')]}'.includes(token.text)) depth -= 1;
    if (token.kind === 'mark' && token.text === ',' && depth === 0) {
      fresh = true;
    } else if (fresh) {
      args.push(token.kind === 'string' ? token.text : UNKNOWN);
      fresh = false;
    }
  }
  return { kind: 'arguments', args, line: tokens[from]?.line ?? 1 };
}

function isEngine(word: string): boolean {
  return ENGINE.test(programOf(word));
}
