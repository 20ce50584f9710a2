import { DockerfileError, parseDockerfile } from '../dockerfile/parse.ts';
import { LONGEST_DOCKERFILE } from '../dockerfile-rules.ts';

/** Folders that a Dockerfile declares as VOLUME. */
export function declaredVolumes(text: string): string[] {
  if (text.length > LONGEST_DOCKERFILE) return [];
  try {
    const volumes = parseDockerfile(text).instructions.filter(({ keyword }) => keyword === 'VOLUME');
    return volumes.flatMap(({ args }) => args).filter((path) => path.startsWith('/') && !path.includes('$'));
  } catch (error) {
    if (error instanceof DockerfileError) return [];
    throw error;
  }
}
