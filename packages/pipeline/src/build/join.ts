import { rm } from 'node:fs/promises';
import { makeStatement } from '@tidegate/attest';
import { type Annotations, annotationsAt, MediaType, manifestsOf, PredicateType, TidegateError } from '@tidegate/core';
import { ImageLayout, type JoinOptions, joinLayouts, readManifest } from '@tidegate/oci';
import { attachStatement, readStatements } from '../evidence/store.ts';
import { openTarget, type Target } from '../target.ts';
import { commonBase, withOwn } from './base.ts';

export interface JoinTargetsOptions {
  readonly annotations?: Annotations | undefined;
  /** Called if the layouts contain evidence that is not taken over. */
  readonly onRemoved?: (() => void) | undefined;
}

/**
 * Evidence that is taken over from a layout. A layout comes from the job that built the image, and later jobs sign all
 * of its evidence: a compromised builder could let them sign a verdict, a test result or a second build. SBOMs are
 * replaced by those of `generate-sbom`.
 */
const OF_BUILDS: ReadonlySet<string> = new Set([PredicateType.provenance, PredicateType.spdx, PredicateType.cyclonedx]);

/**
 * Join images of one platform each into one index, with their provenance and SBOMs. Every byte is hashed while it is copied.
 * A single platform without index annotations stays a plain manifest. The index gets the first platform's provenance as
 * its own: it contains only these builds.
 * @throws TidegateError `evidence` when the first platform has no provenance; `conflict` when stages were exported with
 * one of several images
 */
export async function joinTargets(
  targets: readonly Target[],
  folder: string,
  options: JoinTargetsOptions = {},
): Promise<Target> {
  const layout = await ImageLayout.create(folder);
  try {
    await joinLayouts(
      targets.map((target) => target.layout),
      layout,
      await annotationsOfIndex(targets, options.annotations),
    );
    const joined = await openTarget(folder);
    if ((await removeOthers(joined)) > 0) options.onRemoved?.();
    const { image } = joined;
    const [first] = image.platforms;
    if (first && first.descriptor.digest !== image.root.digest) {
      await assertNoOutputs(targets);
      const statements = await readStatements(joined, first.descriptor);
      const provenance = statements.find((one) => one.predicateType === PredicateType.provenance);
      if (!provenance) {
        throw new TidegateError(
          'build-provenance-missing',
          `${targets[0]?.layout.name} contains no provenance of its image.`,
          {
            next: 'Build each platform with build-image.',
          },
        );
      }
      const { predicate } = JSON.parse(new TextDecoder().decode(provenance.bytes)) as { predicate: unknown };
      const { digest } = image.root;
      await attachStatement(joined, image.root, makeStatement(PredicateType.provenance, [{ digest }], predicate));
    }
    return joined;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/**
 * By their content: annotations may say something else.
 * @returns how many statements were removed
 */
async function removeOthers({ evidence, image, layout }: Target): Promise<number> {
  let removed = 0;
  for (const descriptor of manifestsOf(image)) {
    for (const { referrer, predicateType } of await readStatements({ evidence, layout }, descriptor)) {
      if (OF_BUILDS.has(predicateType)) continue;
      await layout.unlist(referrer);
      removed += 1;
    }
  }
  return removed;
}

/**
 * The provenance of the index is that of the first platform: it would name the files of one build for all of them. And
 * files that belong to no signed image would stay without a signature.
 */
async function assertNoOutputs(targets: readonly Target[]): Promise<void> {
  for (const { layout, image } of targets) {
    if ((await layout.referrers(image.root.digest, MediaType.outputs)).length === 0) continue;
    throw new TidegateError(
      'join-outputs',
      `${layout.name} was built with outputs: an index of joined images cannot name its exported files.`,
      { next: 'Build all platforms in one step that has the input outputs, or export the files in a step of its own.' },
    );
  }
}

async function annotationsOfIndex(
  targets: readonly Target[],
  own: Annotations | undefined,
): Promise<Pick<JoinOptions, 'annotations' | 'descriptorAnnotations' | 'ownAnnotations'>> {
  const platforms = targets.flatMap(({ image }) => image.platforms).length;
  if (platforms === 1 && !own?.entries.length) return {};
  const base = commonBase(await annotationsOf(targets));
  if (!own) return { annotations: base };
  return {
    annotations: withOwn(base, annotationsAt(own, 'index')),
    descriptorAnnotations: (platform) => annotationsAt(own, 'manifest-descriptor', platform),
    ownAnnotations: annotationsAt(own, 'index-descriptor'),
  };
}

async function annotationsOf(targets: readonly Target[]): Promise<readonly Readonly<Record<string, string>>[]> {
  const manifests = targets.flatMap(({ layout, image }) =>
    image.platforms.map(({ descriptor }) => readManifest(layout, descriptor)),
  );
  return (await Promise.all(manifests)).map(({ annotations = {} }) => annotations);
}
