import type { Command } from '../shell/commands.ts';
import { programOf } from '../shell/wrappers.ts';
import type { HandMade } from './hand-made.ts';

const CALLS: readonly {
  readonly path: Pick<RegExp, 'test'>;
  readonly rule: HandMade['rule'];
  readonly what: string;
}[] = [
  {
    path: /\/commit(?:\?|$)/,
    rule: 'hand-made-image',
    what: 'makes an image from a container that was changed by hand.',
  },
  { path: /\/containers\/[^/]+\/export(?:\?|$)/, rule: 'hand-made-image', what: 'exports the files of a container.' },
  {
    path: { test: isImport },
    rule: 'hand-made-image',
    what: 'makes an image from an archive, without history.',
  },
  { path: /\/images\/(?:load|get|[^/]+\/get)(?:\?|$)/, rule: 'image-by-file', what: 'carries an image as an archive.' },
  { path: /\/containers\/[^/]+\/archive\?/, rule: 'container-changed', what: 'writes into a running container.' },
];

/** `/images/create?fromSrc=-`, and `fromSrc` after other parameters. */
function isImport(text: string): boolean {
  const [, ...queries] = text.split('/images/create?');
  return queries.some((query) => query.startsWith('fromSrc=') || query.includes('&fromSrc='));
}

/**
 * Calls of the engine's API: `curl --unix-socket /var/run/docker.sock http://d/commit?container=web`, or a request that
 * is piped to a program for sockets.
 */
export function socketCall({ words, offset, input }: Command): HandMade | undefined {
  const program = programOf(words[0]?.text ?? '');
  const isRaw = /^(?:nc|ncat|netcat|socat)$/.test(program);
  if (!isRaw && !/^(?:curl|wget|http|https|xh)$/.test(program)) return undefined;
  const texts = words.slice(1, 60).map(({ text }) => text.slice(0, 2000));
  if (!texts.some((text) => /(?:docker|podman)\.sock\b|:237[56]\/|^\$\{?DOCKER_HOST\b/.test(text))) return undefined;
  if (isRaw) texts.push(...(input?.text.slice(0, 2000).split(/\s+/) ?? []));
  for (const { path, rule, what } of CALLS) {
    if (rule === 'container-changed' && !texts.some((text) => /^(?:PUT|-XPUT|-T|--upload-file)$/.test(text))) continue;
    if (texts.some((text) => path.test(text)))
      return { rule, offset, message: `${program} calls the engine's socket, which ${what}` };
  }
  return undefined;
}
