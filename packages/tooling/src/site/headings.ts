/**
 * The anchor of a heading, as GitHub makes it: lower case, no punctuation, hyphens for blanks. The site makes the same,
 * so that one link is right in both places.
 */
export function anchorOf(heading: string): string {
  const plain = heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .trim();
  return plain.replaceAll(/[^\p{L}\p{N}\- _]/gu, '').replaceAll(' ', '-');
}

/** All anchors of a page; a repeated heading gets a number. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of withoutBlocks(markdown).matchAll(/^#{1,6} (.+)$/gm)) {
    const anchor = anchorOf(heading);
    let unique = anchor;
    for (let again = 1; anchors.has(unique); again += 1) unique = `${anchor}-${again}`;
    anchors.add(unique);
  }
  return anchors;
}

/** The page without its fenced code. */
export function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^( *)```.*?^\1```/gms, '');
}
