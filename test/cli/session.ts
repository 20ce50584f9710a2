/** From a fresh clone to a verified image, typed into a real terminal. */
import { cp } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { node24 } from '@tidegate/testkit';
import type { Suite } from '../support/suite.ts';
import { type Laptop, npxFolder } from './terminal.ts';
import { startTmux } from './tmux.ts';

export interface Shown {
  /** The content of the terminal, without names that differ from run to run. */
  readonly text: string;
  /** The same with SGR sequences. */
  readonly colored: string;
}

/** @param image the repository in a registry on loopback */
export async function typedSession(laptop: Laptop, suite: Suite, image: string): Promise<Shown> {
  await cp(suite.key.private, join(laptop.home, 'cosign.key'));
  await cp(suite.key.public, join(laptop.home, 'cosign.pub'));
  const bin = await npxFolder(laptop, suite, []);
  const env = {
    PATH: [bin, dirname(node24()), process.env.PATH ?? ''].join(delimiter),
    HOME: laptop.home,
    BUILDKIT_HOST: suite.buildkit,
    LANG: 'C.UTF-8',
  };
  await using session = await startTmux(laptop.home, laptop.clone, env);
  const npx = 'npx --yes github:tidegate/tidegate#v1';
  await session.type('git status --short');
  await session.type(`${npx} ship ${image} --dry-run`);
  await session.type(`${npx} ship ${image} --key-file ~/cosign.key`);
  await session.type(`${npx} verify ${image}:main --verification-key ~/cosign.pub`);
  await session.type('echo "exit code $?"');
  const plain = (text: string) => steady(text.trimEnd(), image, [laptop.home, suite.folder, suite.tools]);
  return { text: plain(await session.screen()), colored: plain(await session.screen(true)) };
}

/** Without digests, times and names of this machine. */
function steady(text: string, image: string, folders: readonly string[]): string {
  let result = text.replaceAll(image, 'registry.example.com/acme/app');
  for (const folder of folders) result = result.replaceAll(folder, '~');
  return endedInLine(result.split('\n'))
    .join('\n')
    .replace(/sha256:[0-9a-f]{64}/g, `sha256:${'0'.repeat(64)}`)
    .replace(/sha256:[0-9a-f]{12}\b/g, `sha256:${'0'.repeat(12)}`)
    .replace(/\b[0-9a-f]{64}\b/g, '0'.repeat(64))
    .replace(/\b[0-9a-f]{40}\b/g, '0'.repeat(40))
    .replace(/(?<=tidegate\/work\/)[0-9a-f]{10}/g, '0'.repeat(10))
    .replace(/(?<=\/(?:tidegate-run|database)-)\w{6}\b/g, '000000')
    .replace(/(?<=tidegate-)[0-9a-f]{12}\b/g, '0'.repeat(12))
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'https://grype.example.com')
    .replace(/\d{4}-\d\d-\d\d([T ])\d\d:\d\d(:\d\d)?/g, '2027-01-01$100:00')
    .replace(/\b\d+(?:\.\d+)? (?:ms|s|min)\b/g, '1 s');
}

const ESCAPE = '\u001b[';

/** tmux ends the attributes of a line at the beginning of the next one. */
function endedInLine(lines: readonly string[]): readonly string[] {
  const result: string[] = [];
  for (const line of lines) {
    let rest = line.trimEnd();
    let ends = false;
    while (rest.startsWith(ESCAPE)) {
      const code = rest.slice(ESCAPE.length, rest.indexOf('m'));
      if (!['0', '39', '49', '22'].includes(code)) break;
      ends = true;
      rest = rest.slice(rest.indexOf('m') + 1);
    }
    if (ends && result.length > 0) result[result.length - 1] += `${ESCAPE}0m`;
    result.push(rest);
  }
  return result;
}

/** Lines that are indented if the group of another stage is open at that time, and stand alone if it is not. */
const OF_OVERLAPPING_STAGES = /^(?:Vulnerability database of |\S+\/\S+: (?:checked \d|\d+ packages?\b))/;

/**
 * Of each command, the lines that every run prints: without the output of programs, which is indented, and the table of
 * times. Stages overlap, so the order of their lines varies.
 */
export function linesOfCommands(transcript: string): readonly (readonly string[])[] {
  const plain = transcript.split(ESCAPE).map((part, at) => (at === 0 ? part : part.slice(part.indexOf('m') + 1)));
  return plain
    .join('')
    .split(/^(?=\$ )/m)
    .map((command) => command.replace(/^Stage {2}[\s\S]*?(?=^verdict )/m, '').split('\n'))
    .map((lines) =>
      lines.filter((line) => line !== '' && !line.startsWith('  ') && !OF_OVERLAPPING_STAGES.test(line)).toSorted(),
    );
}
