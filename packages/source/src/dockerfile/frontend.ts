import { trimBlanks } from './characters.ts';
import { directiveIn } from './directives.ts';

/** The frontend image that BuildKit runs to read the file, instead of its own frontend. */
export interface Frontend {
  /** Reference of the image, as written. */
  readonly image: string;
  readonly line: number;
}

/**
 * The place where BuildKit finds a frontend in a file (frontend/dockerfile/parser/directives.go, DetectSyntax): `#
 * syntax=` in the first lines, or else `// syntax=`, or else JSON with a `syntax`, after a byte order mark and a line
 * with `#!`. Such a file need not be a Dockerfile at all.
 */
export function frontendOf(text: string): Frontend | undefined {
  const whole = text.startsWith('\ufeff') ? text.slice(1) : text;
  const end = whole.indexOf('\n');
  const skipped = whole.startsWith('#!') ? 1 : 0;
  const rest = skipped === 0 ? whole : end < 0 ? '' : whole.slice(end + 1);
  return directive(rest, '#', skipped) ?? directive(rest, '//', skipped) ?? inJson(rest);
}

function directive(text: string, comment: string, skipped: number): Frontend | undefined {
  let from = 0;
  for (let line = 1 + skipped; from <= text.length; line += 1) {
    const end = text.indexOf('\n', from);
    const one = text.slice(from, end < 0 ? text.length : end);
    from = end < 0 ? text.length + 1 : end + 1;
    const found = directiveIn(one, comment);
    if (!found) return undefined;
    if (found.key === 'syntax') return { image: imageOf(found.value), line };
  }
  return undefined;
}

function inJson(text: string): Frontend | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    const { syntax } = JSON.parse(text) as { readonly syntax?: unknown };
    return typeof syntax === 'string' ? { image: syntax, line: 1 } : undefined;
  } catch {
    return undefined;
  }
}

/** Text after the first blank is an argument of the frontend. */
function imageOf(value: string): string {
  return trimBlanks(value).split(' ', 1)[0] ?? '';
}

/** Whether it is Docker's own frontend, which supports every feature of Dockerfiles. */
const DOCKERS = /^(?:(?:index\.)?docker\.io\/)?docker\/dockerfile(?:-upstream)?(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/;

export function isDockersFrontend(image: string): boolean {
  return image.length <= 512 && DOCKERS.test(image);
}

/** Whether BuildKit's build argument for the frontend specifies another one. It overrides the directive in the file. */
export function foreignFrontendArgument(buildArgs: Iterable<readonly [string, string]>): string | undefined {
  for (const [name, value] of buildArgs) {
    if (name === 'BUILDKIT_SYNTAX' && !isDockersFrontend(imageOf(value))) return value;
  }
  return undefined;
}
