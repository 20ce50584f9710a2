import { isNull, type ManifestAlias, type ManifestNode, type ManifestScalar, resolvedNode, scalarIn } from './node.ts';
import type { EmbeddedText, Within } from './within.ts';

/** An image in a manifest, and the value that its digest is written to. */
export interface FoundImage {
  /** As a cluster reads it: `name`, `name:tag`, `name:tag@digest`. */
  readonly image: string;
  readonly line: number;
  /** `spec.template.spec.containers[0].image` */
  readonly path: string;
  readonly scalar: ManifestScalar;
  /** The value with this digest, without quotes. */
  readonly pinned: (digest: string) => string;
  /** For an image in a text that is YAML itself: the scalar is a node of that text. */
  readonly within?: Within | undefined;
  /** Whether `images` of a kustomization around the file replaces it by its name. */
  readonly isReplaceable?: boolean | undefined;
}

/** An image that cannot be pinned in place. */
export interface LeftImage {
  readonly line: number;
  readonly path: string;
  /** A clause: `is a template`. */
  readonly why: string;
  /** It is in another place, which is never read: it is named, and does not fail a check. */
  readonly isElsewhere?: boolean | undefined;
}

/** A tag or a reference by tag becomes one with this digest; a digest that is there is replaced. */
function withDigest(text: string): (digest: string) => string {
  const at = text.indexOf('@');
  const name = at < 0 ? text : text.slice(0, at);
  return (digest) => `${name}@${digest}`;
}

/** More than any real file has. Each may repeat itself by aliases as often as a file. */
const MOST_TEXTS = 200;

/** Collects the images of one document. It follows aliases, and knows which ones it followed. */
export class Finder {
  readonly #images = new Map<ManifestScalar, FoundImage>();
  /** Values that are a part of several images: none of their digests fits all of them. */
  readonly #shared = new Set<ManifestScalar>();
  readonly #left: LeftImage[] = [];
  readonly #embedded: FoundImage[] = [];
  /** Texts that are YAML themselves. Their images are added with `take`. */
  readonly texts = new Map<ManifestScalar, EmbeddedText>();
  readonly #followed = new Set<ManifestAlias>();
  readonly onAlias = (alias: ManifestAlias): void => {
    this.#followed.add(alias);
  };

  /** A value that is a whole reference, such as `image` of a container. A missing one is no image. */
  reference(node: ManifestNode | undefined, path: string): void {
    this.#take(node, path, (text) => {
      if (isNamed(text)) return { image: text, pinned: withDigest(text) };
      // No tag means latest; the pin names what was resolved.
      const [name = '', digest] = text.split('@', 2);
      return {
        image: digest === undefined ? `${name}:latest` : text,
        pinned: withDigest(digest === undefined ? `${name}:latest` : text),
      };
    });
  }

  /** `NAME=NEW:TAG`, as Argo CD and `kustomize edit set image` write it. */
  override(node: ManifestNode | undefined, path: string): void {
    this.#take(node, path, (text) => {
      const equals = text.indexOf('=') + 1;
      // Without it, versions of Kustomize take NAME:TAG as the name to look for, and the pin would have no effect.
      if (equals === 0) return { why: 'has no new name: write NAME=NAME:TAG' };
      const image = text.slice(equals);
      if (!isNamed(image)) return { why: 'has no tag: the tag is in another file' };
      return { image, pinned: (digest) => `${text.slice(0, equals)}${withDigest(image)(digest)}` };
    });
  }

  /** Name, tag and digest as values of their own. */
  parts(name: string, tag: ManifestNode | undefined, digest: ManifestNode | undefined, path: string): void {
    if (name.includes('{{')) {
      this.leave(tag ?? digest, path, TEMPLATE);
      return;
    }
    const tagText = this.#textOf(tag);
    const digestText = this.#textOf(digest);
    const full = `${name}${tagText ? `:${tagText}` : ''}`;
    const where = digest && scalarIn(digest)?.start !== scalarIn(digest)?.end ? digest : undefined;
    if (where && (digestText || tagText)) {
      const image = digestText ? `${full.split('@')[0]}@${digestText}` : full;
      this.#take(where, path, () => ({ image, pinned: (value) => value }), true);
    } else if (tagText) this.#take(tag, path, (text) => ({ image: full, pinned: withDigest(text) }));
    else this.leave(tag ?? digest, path, 'has no tag here: the tag is in another file');
  }

  /** A text that is YAML itself. */
  embed(node: ManifestNode | undefined, path: string, as: EmbeddedText['as']): void {
    const scalar = scalarIn(node, this.onAlias);
    if (!scalar || isNull(scalar)) return;
    const before = this.texts.get(scalar);
    if (before) {
      if (before.as !== as) this.leave(scalar, path, `is also the text of ${before.path}: write one of them out`);
    } else if (this.texts.size < MOST_TEXTS) this.texts.set(scalar, { scalar, path, as });
    else this.leave(scalar, path, `is not read: the file has more than ${MOST_TEXTS} texts with YAML`);
  }

  /** Add images of a text, and values of it that are left alone. */
  take({ images, left }: { readonly images: readonly FoundImage[]; readonly left: readonly LeftImage[] }): void {
    for (const image of images) this.#embedded.push(image);
    for (const one of left) this.#left.push(one);
  }

  leave(node: Pick<ManifestNode, 'line'> | undefined, path: string, why: string): void {
    this.#left.push({ line: node?.line ?? 1, path, why });
  }

  /** Name a part that is in another place, such as a chart of a registry. */
  note(node: Pick<ManifestNode, 'line'>, path: string, why: string): void {
    this.#left.push({ line: node.line, path, why, isElsewhere: true });
  }

  #textOf(node: ManifestNode | undefined): string | undefined {
    const scalar = scalarIn(node, this.onAlias);
    return !scalar || isNull(scalar) ? undefined : scalar.text;
  }

  #take(
    node: ManifestNode | undefined,
    path: string,
    read: (text: string) => Pick<FoundImage, 'image' | 'pinned'> | { readonly why: string },
    mayBeEmpty = false,
  ): void {
    if (!node) return;
    const scalar = resolvedNode(node, this.onAlias);
    if (scalar.kind !== 'scalar') {
      this.leave(node, path, 'is not a text');
      return;
    }
    const why = unfit(scalar, mayBeEmpty);
    if (why === MISSING) return;
    if (why !== undefined) {
      this.leave(scalar, path, why);
      return;
    }
    const found = read(scalar.text);
    if ('why' in found) {
      this.leave(scalar, path, found.why);
      return;
    }
    const before = this.#images.get(scalar);
    if (!before) this.#images.set(scalar, { ...found, line: scalar.line, path, scalar });
    else if (before.image !== found.image) {
      this.#shared.add(scalar);
      this.leave(scalar, path, `is a part of ${before.image} and of ${found.image}`);
    }
  }

  /**
   * The images that can be pinned without changing anything else: an anchor's value is also the value of its aliases.
   */
  result(): { readonly images: FoundImage[]; readonly left: LeftImage[] } {
    const images: FoundImage[] = [];
    for (const image of [...this.#images.values(), ...this.#embedded]) {
      if (this.#shared.has(image.scalar)) continue;
      const other = aliasesOf(image.within?.scalar ?? image.scalar).find((alias) => !this.#followed.has(alias));
      if (!other) images.push(image);
      else this.leave(image, image.path, `is also used by the alias on line ${other.line}, which is no image`);
    }
    return { images, left: this.#left };
  }
}

/** Aliases of a node and of everything around it. */
export function aliasesOf(scalar: ManifestScalar): ManifestAlias[] {
  const found = [...scalar.aliases];
  for (let above = scalar.parent; above; above = above.parent) found.push(...above.aliases);
  return found;
}

const MISSING = '';
const TEMPLATE = 'is a template: pin the values that it takes';
/** Texts that programs may read as something else: `1.10` is then 1.1. */
const NO_TEXT =
  /^(?:[-+]?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|[-+]?\.[0-9]+|[-+]?0[xob][0-9a-fA-F_]+|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|y|n|yes|no|on|off|true|false)$/i;

/** Why a value cannot be replaced in place. */
function unfit(scalar: ManifestScalar, mayBeEmpty: boolean): string | undefined {
  const { text, style, tag, start, end } = scalar;
  if (isNull(scalar)) return mayBeEmpty && end > start ? undefined : MISSING;
  if (text === '' && !mayBeEmpty) return MISSING;
  if (tag !== undefined) return `has the tag ${tag}, whose meaning is not known`;
  if (style === 'block') return 'is a block of several lines (| or >): write it in one line';
  if (scalar.isFolded) return 'is written in several lines: write it in one line';
  if (text.includes('{{')) return TEMPLATE;
  if (text.includes('$')) return 'contains a variable: its value is not known here';
  if (style === 'plain' && NO_TEXT.test(text))
    return 'is a number, a date or a boolean without quotes: put it in quotes';
  return undefined;
}

/** Whether a reference has a tag or a digest. */
function isNamed(text: string): boolean {
  return text.includes('@') || text.lastIndexOf(':') > text.lastIndexOf('/');
}
