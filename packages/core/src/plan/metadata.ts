import { ANNOTATION_LEVELS, annotationPairs } from '../image/annotations.ts';
import type { Plan } from './plan.ts';

/** A plan in the shapes of docker/metadata-action: its output `json`, and its definitions for `docker buildx bake`. */
export interface PlanMetadata {
  readonly json: string;
  /** Tags and labels. */
  readonly bake: string;
  readonly bakeTags: string;
  readonly bakeLabels: string;
  readonly bakeAnnotations: string;
}

type Planned = Pick<Plan, 'images' | 'tags' | 'labels' | 'annotations' | 'version'>;

/** @param target the target that others of the bake definition inherit from */
export function planMetadata({ images, tags, labels, annotations, version }: Planned, target: string): PlanMetadata {
  const names = tags.map(({ tag }) => tag);
  const references = images.flatMap((image) => names.map((name) => `${image}:${name}`));
  const described = ANNOTATION_LEVELS.flatMap((level) =>
    annotationPairs(annotations, [level]).map(([key, value]) => `${key}=${value}`),
  );
  const tagged = {
    tags: references,
    args: { DOCKER_META_IMAGES: images.join(','), DOCKER_META_VERSION: version ?? '' },
  };
  const bake = (definition: object) => `${JSON.stringify({ target: { [target]: definition } }, literal, 2)}\n`;
  return {
    json: JSON.stringify({ tags: references, 'tag-names': names, labels, annotations: described }),
    bake: bake({ ...tagged, labels }),
    bakeTags: bake(tagged),
    bakeLabels: bake({ labels }),
    bakeAnnotations: bake({ annotations: described }),
  };
}

/** bake evaluates `${…}` and `%{…}` in strings: a description of the repository could read variables. */
function literal(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(/[$%](?=\{)/g, '$&$&') : value;
}
