import type { Finding } from '../evidence.ts';
import { readPurl, samePackage } from '../purl.ts';
import { CLOCK_SKEW } from '../time.ts';
import type { VexProduct, VexStatement } from './statement.ts';

/**
 * The statement that silences a finding, if one does. Matching is exact: the finding's own id or an alias, the very
 * package URL with its version, and the image's digest where the statement is about an image. A statement about an
 * image as a whole, or one that names no package exactly, silences nothing. Of several statements about the finding the
 * one with the latest timestamp decides; of two of the same time, the one that does not silence.
 * @param images hex sha256 of the platform's manifest and of the index it belongs to
 */
export function silencingStatement(
  statements: readonly VexStatement[],
  finding: Finding,
  images: ReadonlySet<string>,
  now: Date,
): VexStatement | undefined {
  const purl = finding.package.purl ? readPurl(finding.package.purl) : undefined;
  if (purl === undefined) return undefined;
  const names = new Set([finding.id, ...finding.aliases]);
  const concerns = (product: VexProduct) =>
    product.package !== undefined &&
    samePackage(product.package, purl) &&
    (product.image === undefined || images.has(product.image));
  let latest: VexStatement | undefined;
  for (const statement of statements) {
    // Written so that a time that is none suppresses nothing. What warns is heard, whichever of two clocks is wrong.
    const isPast = statement.at.getTime() <= now.getTime() + CLOCK_SKEW;
    if (!isPast && silences(statement)) continue;
    if (!statement.ids.some((id) => names.has(id)) || !statement.products.some(concerns)) continue;
    const later = latest ? statement.at.getTime() - latest.at.getTime() : 1;
    if (later > 0 || (later === 0 && !silences(statement))) latest = statement;
  }
  return latest && silences(latest) ? latest : undefined;
}

function silences({ status, justification }: VexStatement): boolean {
  return status === 'fixed' || (status === 'not_affected' && justification !== undefined);
}

/** Whether a statement could silence anything at all: what it names is told apart exactly. */
export function namesPackages({ products }: VexStatement): boolean {
  return products.some(({ package: named }) => named?.version !== undefined);
}
