import { expect, test } from '@jest/globals';
import { onTag } from '../tags/tags.fixture.ts';
import { planMetadata } from './metadata.ts';
import { makePlan } from './plan.ts';

/** docker/metadata-action, README, "JSON output object" and "Bake definition". */
test('a plan has the shapes of docker/metadata-action, and text of others is no template of bake', () => {
  const state = onTag('v1.2.3', [], { about: { description: `Runs ${'$'}{HOME} and %{ if x }` } });
  const images = ['ghcr.io/acme/app', 'docker.io/acme/app'] as const;
  const plan = makePlan(state, { images: [...images], platforms: ['linux/amd64'], now: new Date(0), tags: ['semver'] });
  const { json, bake, bakeTags, bakeLabels, bakeAnnotations } = planMetadata(plan, 'meta');
  const names = ['1.2.3', '1.2', '1'];
  const references = plan.images.flatMap((image) => names.map((name) => `${image}:${name}`));
  const described = JSON.parse(json);
  expect(described).toMatchObject({ tags: references, 'tag-names': names, labels: plan.labels });
  expect(described.annotations).toContain('manifest:org.opencontainers.image.version=1.2.3');
  expect(described.annotations).toContain('index:org.opencontainers.image.version=1.2.3');
  const { target } = JSON.parse(bake);
  expect(Object.keys(target)).toEqual(['meta']);
  expect(target.meta.tags).toEqual(references);
  expect(target.meta.args).toEqual({ DOCKER_META_IMAGES: plan.images.join(','), DOCKER_META_VERSION: '1.2.3' });
  expect(target.meta.labels['org.opencontainers.image.description']).toBe(`Runs ${'$$'}{HOME} and %%{ if x }`);

  const of = (text: string) => JSON.parse(text).target.meta;
  const { labels, ...tagged } = target.meta;
  expect(of(bakeTags)).toEqual(tagged);
  expect(of(bakeLabels)).toEqual({ labels });
  expect(Object.keys(of(bakeAnnotations))).toEqual(['annotations']);
  expect(of(bakeAnnotations).annotations).toContain('index:org.opencontainers.image.version=1.2.3');
  expect(of(bakeAnnotations).annotations).toContain(
    `manifest:org.opencontainers.image.description=Runs ${'$$'}{HOME} and %%{ if x }`,
  );
});
