import { messageOf } from '../error.ts';
import { formatRepository, parseReference, type Reference } from '../reference/reference.ts';
import { withoutEnd } from '../text/text.ts';
import { listed } from '../text/wording.ts';
import { problem } from './problem.ts';

interface TargetImages {
  readonly images: readonly string[];
  readonly notices: readonly string[];
}

const MOST_TAGS = 3;

/**
 * The repositories of a target: those of its tags, or PREFIX/TARGET for each prefix. Its tags themselves are not set:
 * the tag rules of the run decide, because a fixed tag would move back and forth between branches.
 * @throws TargetProblem
 */
export function targetImages(name: string, tags: readonly string[], prefixes: readonly string[]): TargetImages {
  if (prefixes.length > 0) {
    const images = prefixes.map((prefix) => `${withoutEnd(prefix, '/')}/${name.toLowerCase()}`);
    const notice = `its tags ${listed(tags, MOST_TAGS)} are replaced: the input image names the repository, and the tag rules decide on tags`;
    return { images, notices: tags.length > 0 ? [notice] : [] };
  }
  if (tags.length === 0) {
    throw problem(
      'it has no tags, so its repository is unknown',
      'set the input image, or its `tags` (in compose: `image`).',
    );
  }
  const references = tags.map(referenceOf);
  const set = references.flatMap(({ tag }) => (tag === undefined ? [] : [tag]));
  const notice = `its tags ${listed(set, MOST_TAGS)} are not set: the tag rules of the workflow decide`;
  return { images: [...new Set(references.map(formatRepository))], notices: set.length > 0 ? [notice] : [] };
}

function referenceOf(text: string): Reference {
  let reference: Reference;
  try {
    reference = parseReference(text, 'tags');
  } catch (error) {
    throw problem(`its tag ${JSON.stringify(text)} is not valid (${messageOf(error)})`, 'correct the tag.');
  }
  if (reference.registry === 'docker.io' && reference.repository.startsWith('library/')) {
    throw problem(
      `its tag ${JSON.stringify(text)} names no registry and owner`,
      'write for example ghcr.io/acme/app, or set the input image.',
    );
  }
  return reference;
}
