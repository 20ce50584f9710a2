import { badInput } from '../error.ts';

/** Where objects of another kind name images. */
export interface ImagePath {
  readonly kind: string;
  /** Keys; `containers[]` for each item of a list. */
  readonly path: readonly string[];
}

/**
 * Lines of the input `image-paths`: `Rollout:spec.template.spec.containers[].image`.
 * @throws TidegateError `bad-input`
 */
export function parseImagePaths(lines: readonly string[]): readonly ImagePath[] {
  return lines.map((line) => {
    const [, kind, path] = /^([A-Za-z][A-Za-z0-9]*):([^\s:]+)$/.exec(line) ?? [];
    const keys = path?.split('.') ?? [];
    if (kind !== undefined && keys.length > 0 && keys.every((key) => /^[^[\]]+(?:\[\])?$/.test(key))) {
      return { kind, path: keys };
    }
    throw badInput(
      'input-format-wrong',
      'image-paths',
      line,
      'Kind:path, with [] after the key of a list',
      'Write for example Rollout:spec.template.spec.containers[].image.',
    );
  });
}
