import { readFile } from 'node:fs/promises';
import { parseReference } from '@tidegate/core';
import { Registry } from '@tidegate/oci';
import type { Command } from '../command.ts';
import { MADE_BASES, madeBase } from './made.ts';

/** The base images of a Dockerfile, and where they come from. */
export type Bases =
  /** `current`: the digest that each pinned reference's tag has today, as a bot that keeps pins fresh would put it. */
  | { readonly kind: 'registry'; readonly current: ReadonlyMap<string, string> }
  /** `contexts`: lines for the input `build-contexts`. */
  | { readonly kind: 'made'; readonly contexts: readonly string[]; readonly notes: readonly string[] };

/** References in FROM lines that are no stages. */
export async function basesOf(dockerfile: string): Promise<readonly string[]> {
  const text = await readFile(dockerfile, 'utf8');
  const froms = [...text.matchAll(/^FROM (?:--platform=\S+ )?(\S+)(?: AS (\S+))?$/gim)];
  const stages = new Set(froms.map(([, , stage]) => stage));
  return [...new Set(froms.map(([, reference = '']) => reference).filter((name) => !stages.has(name)))];
}

const PATIENCE = 15_000;

/** Ask each registry for its image; where one is not reached, make all of them here. */
export async function findBases(
  references: readonly string[],
  platforms: { readonly build: string; readonly target: readonly string[] },
  cache: string,
  command: Command,
  say: (detail: string) => void,
): Promise<Bases> {
  say('asking the registries');
  const found = await Promise.all(references.map(async (text) => [text, await currentDigest(text)] as const));
  if (found.every(([, digest]) => digest !== undefined)) {
    const current = found.map(([text, digest]) => [text, `${text.split('@')[0]}@${digest}`] as const);
    return { kind: 'registry', current: new Map(current) };
  }
  // Both at once: what takes the time is asking Debian's mirror.
  const made = await Promise.all(
    references.map(async (text) => {
      const [name = ''] = text.split('@');
      const architectures = text === references[0] ? [platforms.build] : platforms.target;
      say(`making ${references.map((one) => one.split('@')[0]).join(' and ')}`);
      const base = MADE_BASES[name];
      if (!base) throw new Error(`${name} is not reached, and there is no recipe to make it here.`);
      const { folder, fresh } = await madeBase(name, base, architectures, cache, command);
      return {
        context: `${text}=oci-layout://${folder}:latest`,
        note: `${name}: ${fresh ? 'made' : 'was made before'} of ${base.of}`,
      };
    }),
  );
  return { kind: 'made', contexts: made.map(({ context }) => context), notes: made.map(({ note }) => note) };
}

async function currentDigest(text: string): Promise<string | undefined> {
  const reference = parseReference(text);
  const registry = new Registry(reference, { retry: { attempts: 1 } });
  try {
    return (await registry.resolve(reference.tag ?? 'latest', { signal: AbortSignal.timeout(PATIENCE) })).digest;
  } catch {
    // Not reached, or it lets nobody in without an account: either way the image is made here.
    return undefined;
  } finally {
    registry.close();
  }
}
