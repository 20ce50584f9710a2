import type { Finding } from '../finding.ts';
import { groupBy } from '../group-by.ts';
import { type PackageUrl, readPurl, samePackage } from '../purl/purl.ts';
import { CLOCK_SKEW } from '../text/time.ts';
import type { VexProduct, VexStatement } from './statement.ts';

/**
 * The statement that suppresses a finding, if any. Matching is exact: the finding's own id or an alias, the exact
 * package URL with its version, and the image's digest if the statement is about an image. A statement about an image
 * as a whole, or one that names no package exactly, suppresses nothing. Of several statements about the finding, the
 * one with the latest timestamp decides; of two with the same time, the one that does not suppress.
 * @param images hex sha256 of the platform's manifest and of the index it belongs to
 */
export function suppressing(
  statements: readonly VexStatement[],
): (finding: Finding, images: ReadonlySet<string>, now: Date) => VexStatement | undefined {
  // A document may have 40,000 statements, and an image as many findings.
  const about = new Map<string, Indexed[]>();
  for (const statement of statements) {
    const products = groupBy(statement.products, (product) => product.package && nameOf(product.package));
    for (const id of new Set(statement.ids)) {
      const others = about.get(id);
      if (others) others.push({ statement, products });
      else about.set(id, [{ statement, products }]);
    }
  }
  return (finding, images, now) => {
    const purl = finding.package.purl ? readPurl(finding.package.purl) : undefined;
    if (purl === undefined) return undefined;
    const concerns = (product: VexProduct) =>
      product.package !== undefined &&
      samePackage(product.package, purl) &&
      (product.image === undefined || images.has(product.image));
    const name = nameOf(purl);
    let latest: VexStatement | undefined;
    for (const id of new Set([finding.id, ...finding.aliases])) {
      for (const { statement, products } of about.get(id) ?? []) {
        // Written so that an invalid time suppresses nothing. Statements that report a package as affected always
        // count, even if a clock is wrong.
        const isPast = statement.at.getTime() <= now.getTime() + CLOCK_SKEW;
        if (!isPast && suppresses(statement)) continue;
        if (!products.get(name)?.some(concerns)) continue;
        const later = latest ? statement.at.getTime() - latest.at.getTime() : 1;
        if (later > 0 || (later === 0 && !suppresses(statement))) latest = statement;
      }
    }
    return latest && suppresses(latest) ? latest : undefined;
  };
}

interface Indexed {
  readonly statement: VexStatement;
  readonly products: ReadonlyMap<string | undefined, readonly VexProduct[]>;
}

/** Equal for packages that are the same. */
function nameOf({ type, path, version }: PackageUrl): string {
  return JSON.stringify([type, path, version ?? '']);
}

function suppresses({ status, justification }: VexStatement): boolean {
  return status === 'fixed' || (status === 'not_affected' && justification !== undefined);
}

/** Whether a statement can suppress anything: it must identify its package exactly. */
export function namesPackages({ products }: VexStatement): boolean {
  return products.some(({ package: named }) => named?.version !== undefined);
}
