import type { Document, Node, ParsedNode } from 'yaml';
import { TidegateError } from '../error.ts';
import { clipped } from '../text/wording.ts';
import { PLACES, POLICY_FILE, type PolicyFile } from './definition.ts';
import { Reading } from './problem.ts';
import type { Entry, Position, Tree } from './tree.ts';

/** Maximum size of a policy file, in bytes; a list of a thousand entries needs a tenth of it. */
export const MAX_POLICY_BYTES = 512 * 1024;
/** Deeper than any policy needs, and far below the depth at which a parser exhausts the stack. */
const MAX_DEPTH = 12;
/** Includes brackets in text or comments: no policy has so many. */
const MAX_BRACKETS = 10_000;

/**
 * Read a policy file strictly: YAML 1.2, one document, no anchors, aliases or tags, no duplicate or unknown keys.
 * @param file its name in errors: `.github/tidegate.yml`
 * @throws TidegateError `bad-input` naming file, line, column and key of every error.
 */
export async function readPolicyFile(bytes: Uint8Array, file: string): Promise<PolicyFile> {
  const reading = new Reading(file, PLACES);
  const tree = await readTree(bytes, reading);
  reading.finish();
  const policy = tree && POLICY_FILE.read(tree, '', reading);
  reading.finish();
  if (policy === undefined) throw new TidegateError('policy-invalid', `${file} cannot be read as a policy.`);
  return policy;
}

const AMBIGUOUS = 'this is not unambiguous YAML';
const START: Position = { line: 1, column: 1 };

async function readTree(bytes: Uint8Array, reading: Reading): Promise<Tree | undefined> {
  if (bytes.length > MAX_POLICY_BYTES) {
    return reading.say(START, '', `the policy has ${bytes.length} bytes; the maximum is ${MAX_POLICY_BYTES}.`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return reading.say(START, '', 'the policy is not UTF-8 text.');
  }
  if (text.trim() === '') return reading.say(START, '', 'the policy is empty; it must begin with version: 1.');
  if (/(?:[[{][\s]*){64}/.test(text) || (text.match(/[[{]/g)?.length ?? 0) > MAX_BRACKETS) {
    return reading.say(START, '', 'the policy is nested too deeply.');
  }
  // Loaded only if needed: most runs have no policy file, and the parser takes a while to load.
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  let document: Document.Parsed<ParsedNode>;
  try {
    document = yaml.parseDocument(text, {
      version: '1.2',
      schema: 'core',
      strict: true,
      // Checked below: the parser compares every pair of keys, which takes minutes for 40,000 keys.
      uniqueKeys: false,
      merge: false,
      lineCounter: lines,
      prettyErrors: false,
      // `silent` would also hide the existence of a second document.
      logLevel: 'error',
      // Tagged values are rejected below, so no tag needs to be resolved.
      resolveKnownTags: false,
    });
  } catch {
    return reading.say(START, '', 'the policy cannot be parsed as YAML.');
  }
  for (const fault of [...document.errors, ...document.warnings]) {
    reading.say(at(fault.pos[0]), '', `${AMBIGUOUS}: ${firstLine(fault.message)}.`);
  }
  if (reading.problems.length > 0) return undefined;
  if (/^%/m.test(text.slice(0, document.contents?.range?.[0] ?? 0))) {
    return reading.say(START, '', 'YAML directives are not allowed in a policy.');
  }

  const convert = (node: Node | null | undefined, where: number, depth: number): Tree | undefined => {
    if (depth > MAX_DEPTH) return reading.say(at(where), '', 'the policy is nested too deeply.');
    if (node === null || node === undefined) return { kind: 'scalar', at: at(where), value: null, text: '' };
    const position = at(node.range?.[0] ?? where);
    if (yaml.isAlias(node)) {
      return reading.say(position, '', `the alias *${clipped(node.source, 40)} is not allowed: write out the value.`);
    }
    const { anchor, tag } = node as { anchor?: string; tag?: string | undefined };
    if (anchor !== undefined) {
      return reading.say(position, '', `the anchor &${clipped(anchor, 40)} is not allowed: write out each value.`);
    }
    if (tag !== undefined)
      return reading.say(position, '', `the tag ${clipped(tag, 40)} is not allowed: write the value without a tag.`);
    if (yaml.isScalar(node)) {
      const source = typeof node.value === 'string' ? node.value : (node.source ?? '');
      return { kind: 'scalar', at: position, value: node.value, text: source };
    }
    if (yaml.isSeq(node)) {
      const items = node.items.flatMap((item) => convert(item as Node, node.range?.[0] ?? where, depth + 1) ?? []);
      return { kind: 'list', at: position, items };
    }
    if (!yaml.isMap(node)) return reading.say(position, '', 'this is not a value.');
    const names = new Set<string>();
    const entries = node.items.flatMap((pair): Entry[] => {
      const key = pair.key as Node | null;
      const keyAt = at(key?.range?.[0] ?? where);
      if (!yaml.isScalar(key) || typeof key.value !== 'string' || key.tag !== undefined || key.anchor !== undefined) {
        reading.say(keyAt, '', 'a key must be plain text.');
        return [];
      }
      if (names.has(key.value)) reading.say(keyAt, '', `${AMBIGUOUS}: Map keys must be unique.`);
      names.add(key.value);
      const value = convert(pair.value as Node | null, key.range?.[1] ?? where, depth + 1);
      return value ? [{ key: key.value, keyAt, value }] : [];
    });
    return { kind: 'map', at: position, entries };
  };
  return convert(document.contents, 0, 0);
}

function firstLine(message: string): string {
  return (message.split('\n', 1)[0] ?? '').replace(/[.:]$/, '');
}
