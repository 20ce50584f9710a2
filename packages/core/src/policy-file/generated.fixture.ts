/** For tests: policy files, valid ones and variants with a few changes. The same seed gives the same files. */
import { CHARACTERS, type Json, KEYS, STRANGE, VALID } from './document-values.fixture.ts';

/** mulberry32: the same numbers on every machine. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;

export function validDocument(random: Random): Json {
  const chosen = Object.entries(VALID).filter(() => random() < 0.35);
  return Object.fromEntries([
    ['version', 1 as Json],
    ...chosen.map(([key, values]) => [key, pick(random, values)] as const),
  ]);
}

/** Replaces, removes or renames at most two of its nodes, or changes a character in them. */
export function changedDocument(document: Json, random: Random): Json {
  let changed = document;
  for (let round = Math.floor(random() * 3); round > 0; round -= 1) changed = changeOne(changed, random);
  return changed;
}

function changeOne(node: Json, random: Random): Json {
  if (Array.isArray(node)) return changedList(node, random);
  if (typeof node === 'object' && node !== null) return changedObject(node as { readonly [key: string]: Json }, random);
  if (typeof node === 'string' && random() < 0.5) return changedText(node, random);
  return pick(random, STRANGE);
}

function changedList(list: readonly Json[], random: Random): Json {
  const at = Math.floor(random() * list.length);
  const chance = random();
  if (chance < 0.05) return pick(random, STRANGE);
  if (list.length === 0 || chance < 0.2) return [...list, pick(random, STRANGE)];
  if (chance < 0.25) return [...list, ...list];
  if (chance < 0.3) return list.toSpliced(at, 1);
  return list.with(at, changeOne(list[at] ?? null, random));
}

function changedObject(object: { readonly [key: string]: Json }, random: Random): Json {
  const entries = Object.entries(object);
  const at = Math.floor(random() * entries.length);
  const chance = random();
  if (chance < 0.03) return pick(random, STRANGE);
  if (entries.length === 0 || chance < 0.1) return ofEntries([...entries, [pick(random, KEYS), pick(random, STRANGE)]]);
  if (chance < 0.15) return ofEntries(entries.toSpliced(at, 1));
  const [key, value] = entries[at] ?? ['', null];
  return ofEntries(entries.with(at, [chance < 0.18 ? pick(random, KEYS) : key, changeOne(value, random)]));
}

/** Keeps `__proto__` as an ordinary key, as a parser does. */
function ofEntries(entries: readonly (readonly [string, Json])[]): Json {
  return Object.fromEntries(entries);
}

function changedText(text: string, random: Random): string {
  const characters = [...text];
  const at = Math.floor(random() * (characters.length + 1));
  const chance = random();
  if (chance < 0.3) return characters.toSpliced(at, 1).join('');
  if (chance < 0.6) return characters.toSpliced(at, 0, pick(random, CHARACTERS)).join('');
  if (chance < 0.9) return characters.toSpliced(at, 1, pick(random, CHARACTERS)).join('');
  return text.repeat(2);
}
