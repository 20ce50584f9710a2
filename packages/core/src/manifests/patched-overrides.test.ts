import { describe, expect, test } from '@jest/globals';
import { readManifestFile } from './document.ts';
import { imagesOf } from './find-images.ts';

async function found(text: string, name: string, as: 'patch' | undefined) {
  const file = await readManifestFile(Buffer.from(text), name);
  const { images, left } = await imagesOf(file, [], new Set(as ? [as] : []));
  return { images: images.map(({ image }) => image), left: left.filter(({ isElsewhere }) => !isElsewhere) };
}

const inKustomization = (patch: string) =>
  `kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\npatches:\n- patch: |\n${patch.replace(/^/gm, '    ')}`;
const inFlux = (patch: string) =>
  `kind: Kustomization\napiVersion: kustomize.toolkit.fluxcd.io/v1\nspec:\n  patches:\n  - patch: |\n${patch.replace(/^/gm, '      ')}`;

const FORMS: readonly (readonly [string, (patch: string) => ReturnType<typeof found>])[] = [
  ['a file', (patch) => found(patch, 'patch.yaml', 'patch')],
  ['a text in a kustomization', (patch) => found(inKustomization(patch), 'kustomization.yaml', undefined)],
  ['a text in an object of Flux', (patch) => found(inFlux(patch), 'flux.yaml', undefined)],
];

const HELM = 'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n';
const ARGO = 'apiVersion: argoproj.io/v1alpha1\nkind: Application\n';
const operation = (path: string, value: string) => `- op: add\n  path: ${path}\n  value: ${value}\n`;

describe.each(FORMS)('a patch in %s', (_, read) => {
  test.each([
    [`${HELM}spec: {values: {image: {repository: acme/app, tag: "2"}}}\n`, ['acme/app:2']],
    [`${ARGO}spec: {source: {kustomize: {images: ["app=acme/app:2"]}}}\n`, ['acme/app:2']],
    [`${ARGO}spec: {source: {targetRevision: main}}\n`, []],
    [`${HELM}spec: {values: {replicas: 2}}\n`, []],
    ['apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{image: "a:1"}]}}}\n', ['a:1']],
    [operation('/spec/source/targetRevision', 'main'), []],
    [operation('/spec/source', '{path: apps, repoURL: "https://example.org"}'), []],
    [operation('/spec/values/web', '{replicas: 2}'), []],
    [operation('/spec/replicas', '3'), []],
    ['- op: remove\n  path: /spec/values/web\n', []],
    [operation('/spec', '{replicas: 2, image: "a"}'), []],
  ])('%j has the images %j', async (patch, images) => {
    expect(await read(patch)).toEqual({ images, left: [] });
  });

  test.each([
    `${HELM}spec: {values: {image: {tag: "2"}}}\n`,
    'kind: Any\nmetadata: {name: a}\nspec: {values: {image: {repository: acme/app, tag: "2"}}}\n',
    'kind: Any\nmetadata: {name: a}\nspec: {source: {helm: {parameters: [{name: image.tag, value: "2"}]}}}\n',
    'kind: Any\nmetadata: {name: a}\nspec: {template: {spec: {sources: [{kustomize: {images: ["a=b:1"]}}]}}}\n',
    operation('/spec/values/image/tag', '"2"'),
    operation('/spec/values/web', '{image: {repository: acme/app, tag: "2"}}'),
    operation('/spec/source/kustomize/images/0', 'app=acme/app:2'),
    operation('/spec/source/helm/parameters/0/value', '"2"'),
    operation('/spec/sources/1/helm/values', '"image: {tag: 2}"'),
    operation('/spec/source/helm', '{values: "web: {image: a}"}'),
    operation('/spec', '{values: {image: {tag: "2"}}}'),
    operation('""', '{spec: {values: {image: {tag: "2"}}}}'),
    '- op: remove\n  path: /spec/values/image/digest\n',
    operation('/spec/images/-', '{name: a, newTag: "2"}'),
  ])('%j is left', async (patch) => {
    const { images, left } = await read(patch);
    expect([images, left.length]).toEqual([[], 1]);
  });
});
