import type { Token } from './program-tokens.ts';

/** `name = …`, `const name = …`, `name := …`: where each name's value begins. */
export function assignmentsIn(
  tokens: readonly Token[],
): ReadonlyMap<string, readonly { readonly at: number; readonly from: number }[]> {
  const found = new Map<string, { readonly at: number; readonly from: number }[]>();
  for (const [at, token] of tokens.entries()) {
    // `run(args=…)` sets nothing.
    const before = tokens[at - 1]?.text ?? '';
    if (token.kind !== 'name' || before === '(' || before === ',') continue;
    const [one, other] = [tokens[at + 1], tokens[at + 2]];
    const isSet =
      one?.text === '=' &&
      one.kind === 'mark' &&
      other?.text !== '=' &&
      !(other?.text === '>' && other.kind === 'mark');
    const isGo = one?.text === ':' && other?.text === '=' && other.kind === 'mark';
    if (!isSet && !isGo) continue;
    const places = found.get(token.text) ?? [];
    if (places.length < 20) found.set(token.text, [...places, { at, from: at + (isGo ? 3 : 2) }]);
  }
  return found;
}
