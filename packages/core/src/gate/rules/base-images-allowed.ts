import { isImageMaterial, repositoryOfMaterial } from '../../image/material.ts';
import type { RuleResult } from '../../policy.ts';
import { clipped } from '../../text/wording.ts';
import { repositoryAllowed } from '../allowed.ts';
import { evidenceOf, judged, notApplicable, platformsOf, type RuleContext } from '../context.ts';

/**
 * Every image that the build read, including bases of earlier stages, comes from a repository that the policy allows.
 */
export function baseImagesAllowed(context: RuleContext): readonly RuleResult[] {
  const rule = 'base-images-allowed';
  const lists = context.policy.baseImages?.allow ?? [];
  if (lists.length === 0) return notApplicable(rule, 'The policy does not restrict base images.');
  const seen = new Set<string>();
  const problems = platformsOf(context.image).flatMap((subject) => {
    const found = evidenceOf(context, 'provenance', subject);
    if (found.length === 0) return [`${subject.name}: no provenance names the base images.`];
    return found.flatMap(({ materials }) => {
      if (!materials) return [`${subject.name}: the provenance lists no build inputs.`];
      return materials.filter(isImageMaterial).flatMap((material) => {
        const image = repositoryOfMaterial(material);
        if (!image)
          return [`${subject.name}: ${clipped(material.uri, 200)} cannot be compared: it names no image repository.`];
        const name = `${image.registry}/${image.repository}`;
        seen.add(name);
        return repositoryAllowed(lists, image)
          ? []
          : [`${subject.name}: the policy does not allow the base image ${clipped(name, 200)}.`];
      });
    });
  });
  return judged(
    rule,
    problems,
    seen.size > 0 ? `Built from ${[...seen].map((name) => clipped(name)).join(', ')}.` : 'Built without a base image.',
  );
}
