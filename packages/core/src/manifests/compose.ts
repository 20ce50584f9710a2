import type { Finder } from './found.ts';
import {
  entriesOf,
  itemsOf,
  listIn,
  type ManifestMap,
  type ManifestNode,
  mapIn,
  resolvedNode,
  textIn,
  valueAt,
  valueUnder,
} from './node.ts';
import { addFile, type NamedFile } from './patches.ts';

/** The images of a Compose file. @returns the files that it includes and extends */
export function composeImages(root: ManifestNode, finder: Finder): readonly NamedFile[] {
  const { onAlias } = finder;
  const files: NamedFile[] = [];
  for (const [at, item] of itemsOf(valueAt(root, ['include'], onAlias), onAlias)) {
    const named = mapIn(item, onAlias) ? valueAt(item, ['path'], onAlias) : item;
    const list = named && listIn(named, onAlias)?.items;
    for (const one of list ?? [named]) addFile(one, `include[${at}]`, 'compose', { finder, files });
  }
  for (const part of ['services', 'jobs']) {
    const all = mapIn(valueAt(root, [part], onAlias), onAlias);
    for (const { key, value, via } of all ? entriesOf(all) : []) {
      const service = mapIn(value, onAlias);
      if (!service) continue;
      for (const alias of via) onAlias(alias);
      const path = `${part}.${key}`;
      addFile(valueAt(service, ['extends', 'file'], onAlias), `${path}.extends.file`, 'compose', { finder, files });
      containerImages(service, path, finder);
      const provider = valueAt(service, ['provider']);
      if (provider) finder.note(provider, `${path}.provider`, 'is a program that decides what runs: it is not checked');
      for (const [at, hook] of itemsOf(valueUnder(service, 'pre_start', onAlias), onAlias)) {
        const container = mapIn(hook, onAlias);
        if (container) containerImages(container, `${path}.pre_start[${at}]`, finder);
      }
    }
  }
  const models = mapIn(valueAt(root, ['models'], onAlias), onAlias);
  for (const { key, value } of models ? entriesOf(models) : []) {
    finder.note(
      valueAt(value, ['model']) ?? value,
      `models.${key}`,
      'is a model, and no image: its digest is not checked',
    );
  }
  return files;
}

/** A service, a job, or a container that runs before a service. */
function containerImages(container: ManifestMap, path: string, finder: Finder): void {
  const { onAlias } = finder;
  for (const [at, volume] of itemsOf(valueUnder(container, 'volumes', onAlias), onAlias)) {
    const type = textIn(valueAt(volume, ['type'])) ?? '';
    if (type.includes('$')) finder.leave(volume, `${path}.volumes[${at}].type`, 'is a variable: it may be image');
    if (type !== 'image') continue;
    finder.reference(valueAt(volume, ['source'], onAlias), `${path}.volumes[${at}].source`);
  }
  serviceImage(container, path, finder);
}

/** Policies with which Compose never pulls the image of a service. */
const NEVER_PULLED = ['build', 'never'];

/**
 * Compose pulls the image of a service with `build` as well, if its `pull_policy` allows it, and builds it if the pull
 * fails (compose, `pullRequiredImages`).
 */
function serviceImage(service: ManifestMap, path: string, finder: Finder): void {
  const image = valueUnder(service, 'image', finder.onAlias);
  const build = valueUnder(service, 'build', finder.onAlias);
  const isBuilt = isSet(build);
  const given = valueUnder(service, 'pull_policy', finder.onAlias);
  const policy = isSet(given) ? textIn(given, finder.onAlias) : undefined;
  const isPulled = policy !== undefined && !NEVER_PULLED.includes(policy);
  if (isSet(image)) {
    if (!isBuilt || isPulled) finder.reference(image, `${path}.image`);
    else if (policy === undefined)
      finder.note(service, path, 'is built, or pulled if it can be: set pull_policy: build');
  } else if ((build && !isBuilt) || (isPulled && !isBuilt)) {
    finder.note(service, path, 'can make Compose pull an image that another file names');
  }
}

/** Whether a key has a value: `!reset` removes it, with any value (compose-go, loader/reset.go). */
function isSet(node: ManifestNode | undefined): boolean {
  const found = node && resolvedNode(node);
  if (!found || found.tag === '!reset') return false;
  return found.kind !== 'scalar' || textIn(found) !== undefined;
}
