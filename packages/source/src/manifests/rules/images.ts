import { clipped } from '@tidegate/core';
import type { Remark } from '../../finding.ts';
import { baseReference, isPinned } from '../../rules/image.ts';
import type { At } from '../yaml-map.ts';
import type { ManifestRule } from './rule.ts';

/** An image by a tag, which may move, and the pull policy that goes with it. */
export const images: ManifestRule = (container, { setImages }) => {
  const { image, isBuilt, shown, format } = container;
  if (!image || isBuilt || setImages.has(baseReference(image.text).name)) return [];
  const fix =
    format === 'compose' ? 'Write image: name:tag@sha256:… with the digest of the verified image.' : undefined;
  return imageRemarks(shown, image, fix);
};

/** @param who the subject of the message */
export function imageRemarks(who: string, image: At, fix?: string): Remark[] {
  const { text, unknown } = withDefaults(image.text);
  // A template, or the address of a source that a tool builds.
  if (text.trim() === '' || text.includes('{{') || text.includes('://')) return [];
  const reference = baseReference(text);
  const { line } = image;
  if (isPinned(reference)) return [];
  const is = clipped(text);
  const given = fix === undefined ? {} : { fix };
  const remark = (rule: Remark['rule'], message: string): Remark[] => [{ ...given, rule, line, message }];
  if (unknown) {
    const message = `${who} takes its image ${is} from a variable, so the version is not in this file.`;
    return [{ ...given, rule: 'manifest-image-not-pinned', line, message, atMost: 'note' }];
  }
  if (reference.digest !== undefined) {
    return remark('manifest-image-not-pinned', `${who} uses the image ${is} with an invalid digest.`);
  }
  if (reference.tag === undefined) {
    return remark(
      'manifest-image-latest',
      `${who} uses the image ${is} with neither tag nor digest, which means latest.`,
    );
  }
  if (reference.tag === 'latest') return remark('manifest-image-latest', `${who} uses the image ${is}.`);
  return remark('manifest-image-not-pinned', `${who} uses the image ${is} without a digest.`);
}

/** `${TAG:-1.2}` is `1.2` where nobody sets it. */
function withDefaults(image: string): { readonly text: string; readonly unknown: boolean } {
  const text = image.slice(0, 2000).replace(/\$\{\w{1,100}:?-([^{}$]{0,300})\}/g, '$1');
  return { text, unknown: text.includes('$') };
}

/** Nodes that use what they happen to have run different images under one name. */
export const pullPolicy: ManifestRule = ({ image, isBuilt, pull, shown }) => {
  if (!image || !pull || isBuilt) return [];
  const reference = baseReference(withDefaults(image.text).text);
  const remark = (message: string): Remark[] => [{ rule: 'manifest-pull-policy', line: pull.line, message }];
  if (pull.text === 'never') {
    return remark(`${shown} never pulls its image: somebody must carry it to the node by hand.`);
  }
  const isLazy = ['ifnotpresent', 'if_not_present', 'missing'].includes(pull.text);
  const isLatest = !isPinned(reference) && (reference.tag === undefined || reference.tag === 'latest');
  return isLazy && isLatest ? remark(`${shown} keeps the image latest that a node has, however old it is.`) : [];
};
