import { ANNOTATION_LEVELS, type AnnotationLevel, annotationPairs, annotationsAt } from '@tidegate/core';
import type { BuildOptions } from './options.ts';

type Annotated = Pick<BuildOptions, 'annotations' | 'platforms'>;

/** An image of one platform is a manifest alone, unless an annotation of an index or of a descriptor is asked for. */
function hasIndex({ annotations, platforms }: Annotated): boolean {
  return platforms.length > 1 || annotations.wantsIndex;
}

/** The levels that the built image has. */
export function levelsOf(options: Annotated): readonly AnnotationLevel[] {
  return hasIndex(options) ? ANNOTATION_LEVELS : ['manifest'];
}

/** `--annotation` as buildx reads it, `level:KEY` and value. */
export function annotationFlags(options: Annotated): Flags {
  const { annotations, platforms } = options;
  if (hasIndex(options)) return annotationPairs(annotations);
  // BuildKit passes over annotations of one platform where it exports no index (exporter/containerimage/writer.go).
  return Object.entries(annotationsAt(annotations, 'manifest', platforms[0])).map(
    ([key, value]) => [`manifest:${key}`, value] as const,
  );
}

type Flags = readonly (readonly [key: string, value: string])[];

/** BuildKit refuses annotations of an index where it exports none: it is told to make one of a single platform. */
export function indexFlags(options: Annotated): readonly string[] {
  return options.platforms.length < 2 && hasIndex(options) ? ['--build-arg', 'BUILDKIT_MULTI_PLATFORM=1'] : [];
}
