import { badInput } from '../error.ts';
import { isLabelKey, type Labels } from './labels.ts';
import { formatPlatform, type Platform, parsePlatform } from './platform.ts';

/**
 * The level of an annotation (BuildKit, docs/annotations.md): an image's manifest, the index, or the descriptor of
 * either: the manifest's descriptor in the index, the index's descriptor in the layout's `index.json`.
 */
export const ANNOTATION_LEVELS = ['manifest', 'index', 'manifest-descriptor', 'index-descriptor'] as const;
export type AnnotationLevel = (typeof ANNOTATION_LEVELS)[number];

/** One `KEY=VALUE` at one level; for one platform, if it has one. */
interface Annotation {
  readonly level: AnnotationLevel;
  readonly platform?: Platform | undefined;
  readonly key: string;
  readonly value: string;
}

export interface Annotations {
  readonly entries: readonly Annotation[];
  /**
   * Some annotation is for an index or a descriptor: a single-platform image has neither unless it gets its own index.
   */
  readonly wantsIndex: boolean;
}

/** Default levels of annotations. */
const DEFAULT_LEVELS: readonly AnnotationLevel[] = ['manifest', 'index'];

export interface AnnotationOptions {
  /** Levels of `common`, and of pairs without a level. Default `manifest` and `index`. */
  readonly levels?: readonly AnnotationLevel[];
  /** Name of the input, for errors. */
  readonly input?: string;
}

/**
 * The annotations of every image, overridden level by level by the user's pairs. A key may begin with levels and a
 * colon, as in buildx (util/buildflags/export.go): `index:key`, `manifest,index:key`, `manifest[linux/amd64]:key`. An
 * empty value removes the annotation from that level.
 * @throws TidegateError `bad-input` for a key or level that cannot be read.
 */
export function planAnnotations(
  common: Labels,
  pairs: readonly (readonly [key: string, value: string])[],
  { levels = DEFAULT_LEVELS, input = 'annotations' }: AnnotationOptions = {},
): Annotations {
  const entries = new Map<string, Annotation>();
  const say = (annotation: Annotation) => {
    const { level, platform, key, value } = annotation;
    const place = JSON.stringify([level, platform ? formatPlatform(platform) : '', key]);
    entries.delete(place);
    if (value !== '') entries.set(place, annotation);
  };
  for (const [key, value] of Object.entries(common)) for (const level of levels) say({ level, key, value });
  let wantsIndex = false;
  for (const [written, value] of pairs) {
    const { places, key } = placesOf(written, input);
    for (const place of places ?? levels.map((level): Place => ({ level }))) {
      if (place.platform && value === '')
        throw badInput('label-invalid', input, `${written}=`, 'a value', 'Remove it at the level manifest.');
      say({ ...place, key, value });
      wantsIndex ||= places !== undefined && place.level !== 'manifest';
    }
  }
  return { entries: [...entries.values()].toSorted(byKey), wantsIndex };
}

type Place = Pick<Annotation, 'level' | 'platform'>;

const PLACE = /^([a-z-]+)(?:\[([A-Za-z0-9_/-]+)\])?$/;

function placesOf(written: string, input: string): { readonly places?: readonly Place[]; readonly key: string } {
  const colon = written.indexOf(':');
  const key = written.slice(colon + 1);
  if (!isLabelKey(key)) {
    throw badInput(
      'label-invalid',
      input,
      written,
      'KEY=VALUE with a key of printable characters',
      'Write org.example.team=blue.',
    );
  }
  if (colon < 0) return { key };
  const places = written
    .slice(0, colon)
    .split(',')
    .map((text): Place => {
      const [, name, platform] = PLACE.exec(text) ?? [];
      const level = ANNOTATION_LEVELS.find((one) => one === name);
      if (level === undefined || (platform !== undefined && !level.startsWith('manifest'))) {
        throw badInput(
          'label-invalid',
          input,
          written,
          `levels before the colon (${ANNOTATION_LEVELS.join(', ')}; the first and third optionally with [platform])`,
          'Write for example index:KEY=VALUE, manifest,index:KEY=VALUE or manifest[linux/arm64]:KEY=VALUE.',
        );
      }
      return { level, platform: platform === undefined ? undefined : parsePlatform(platform, input) };
    });
  return { places, key };
}

function byKey(a: Annotation, b: Annotation): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** The annotations of one level; those of `platform` override those of all platforms. */
export function annotationsAt(annotations: Annotations, level: AnnotationLevel, platform?: Platform): Labels {
  const name = platform && formatPlatform(platform);
  const fitting = annotations.entries.filter((one) => one.level === level);
  const own = fitting.filter((one) => one.platform && formatPlatform(one.platform) === name);
  const common = fitting.filter((one) => !one.platform);
  return Object.fromEntries([...common, ...own].map(({ key, value }) => [key, value]));
}

/** @throws TidegateError `bad-input` for an annotation of a platform that is not in `platforms`, like buildx. */
export function assertAnnotated(annotations: Annotations, platforms: readonly Platform[]): void {
  const known = new Set(platforms.map(formatPlatform));
  for (const { level, platform, key } of annotations.entries) {
    if (!platform || known.has(formatPlatform(platform))) continue;
    const written = `${level}[${formatPlatform(platform)}]:${key}`;
    const built = [...known].join(', ') || 'none listed';
    throw badInput(
      'label-invalid',
      'annotations',
      written,
      `a platform of this image (${built})`,
      'Correct the platform, or add it to the input platforms.',
    );
  }
}

/** `level,level:KEY` and value, as `planAnnotations` and buildx read them. @param levels levels to include */
export function annotationPairs(
  annotations: Annotations,
  levels: readonly AnnotationLevel[] = ANNOTATION_LEVELS,
): readonly (readonly [key: string, value: string])[] {
  const grouped = new Map<string, { key: string; value: string; places: string[] }>();
  for (const { level, platform, key, value } of annotations.entries) {
    if (!levels.includes(level)) continue;
    const place = platform ? `${level}[${formatPlatform(platform)}]` : level;
    const group = JSON.stringify([key, value]);
    const found = grouped.get(group) ?? { key, value, places: [] };
    found.places.push(place);
    grouped.set(group, found);
  }
  return [...grouped.values()].map(({ key, value, places }) => [`${places.join(',')}:${key}`, value] as const);
}
