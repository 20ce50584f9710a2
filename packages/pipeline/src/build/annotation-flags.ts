import { ANNOTATION_LEVELS, type AnnotationLevel, annotationPairs, annotationsAt } from '@tidegate/core';
import type { BuildOptions } from './options.ts';

type Annotated = Pick<BuildOptions, 'annotations' | 'platforms'>;

/** An image of one platform is a single manifest, unless an annotation of an index or of a descriptor is requested. */
function hasIndex({ annotations, platforms }: Annotated): boolean {
  return platforms.length > 1 || annotations.wantsIndex;
}

/** The levels that the built image has. */
export function levelsOf(options: Annotated): readonly AnnotationLevel[] {
  return hasIndex(options) ? ANNOTATION_LEVELS : ['manifest'];
}

/** Values of `--annotation` as buildx reads them: `level:KEY` and value. */
export function annotationFlags(options: Annotated): Flags {
  const { annotations, platforms } = options;
  if (hasIndex(options)) return annotationPairs(annotations);
  // BuildKit ignores annotations of one platform if it exports no index (exporter/containerimage/writer.go).
  return Object.entries(annotationsAt(annotations, 'manifest', platforms[0])).map(
    ([key, value]) => [`manifest:${key}`, value] as const,
  );
}

type Flags = readonly (readonly [key: string, value: string])[];

/**
 * BuildKit rejects index annotations if it exports no index. This flag makes it create an index for a single platform.
 */
export function indexFlags(options: Annotated): readonly string[] {
  return options.platforms.length < 2 && hasIndex(options) ? ['--build-arg', 'BUILDKIT_MULTI_PLATFORM=1'] : [];
}
