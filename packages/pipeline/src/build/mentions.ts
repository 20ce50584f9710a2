import { DockerfileError, parseDockerfile, stagesOf } from '@tidegate/source';

/** Whether a name occurs in a Dockerfile as a separate word. */
function mentions(dockerfile: string, name: string): boolean {
  const quoted = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\w.-])${quoted}(?![\\w-]|\\.\\w)`).test(dockerfile);
}

/** Secrets that BuildKit itself requests to fetch a git context or an ADD (docs/reference.md, "git authentication"). */
const GIT_SECRET = /^GIT_AUTH_(TOKEN|HEADER)(\.|$)/;

/** Whether the build can use a secret of this name. */
export function usesSecret(dockerfile: string, id: string): boolean {
  return GIT_SECRET.test(id) || mentions(dockerfile, id);
}

/**
 * Build arguments with a predefined meaning: proxies, times, and settings of BuildKit and its frontends
 * (frontend/dockerfile/docs/reference.md, "Predefined ARGs" and "BuildKit built-in build args").
 */
const PREDEFINED = /^((HTTP|HTTPS|FTP|NO|ALL)_PROXY|BUILDKIT_\w+|SOURCE_DATE_EPOCH|(TARGET|BUILD)[A-Z]+)$/i;

/** @returns names that no ARG of the Dockerfile declares; empty if the Dockerfile cannot be parsed */
export function undeclaredArgs(dockerfile: string, names: readonly string[]): readonly string[] {
  try {
    const { instructions } = parseDockerfile(dockerfile);
    if (!instructions.some(({ keyword }) => keyword === 'FROM')) return [];
    const declared = new Set(
      instructions.flatMap(({ keyword, args }) => (keyword === 'ARG' ? args.map((word) => word.split('=', 1)[0]) : [])),
    );
    return names.filter((name) => !declared.has(name) && !PREDEFINED.test(name));
  } catch (error) {
    // BuildKit reports the error better, or a custom frontend (`# syntax=`) supports syntax that our parser does not.
    if (error instanceof DockerfileError) return [];
    throw error;
  }
}

/**
 * Names that no stage has; empty if the Dockerfile cannot be parsed. BuildKit ignores such a name in `no-cache-filter`,
 * and compares without case (frontend/dockerui/config.go, IsNoCache).
 */
export function unknownStages(dockerfile: string, names: readonly string[]): readonly string[] {
  try {
    const { stages } = stagesOf(parseDockerfile(dockerfile));
    const known = new Set(stages.map(({ name }) => name));
    return stages.length === 0 ? [] : names.filter((name) => !known.has(name.toLowerCase()));
  } catch (error) {
    // BuildKit reports the error better.
    if (error instanceof DockerfileError) return [];
    throw error;
  }
}
