import { readPurl } from '../purl/purl.ts';
import { quoted } from '../text/wording.ts';
import {
  type Fields,
  fieldsOf,
  hexOfDigest,
  instantOf,
  listOf,
  productOf,
  textOf,
  usableStatements,
  vexError,
  wordOf,
} from './fields.ts';
import type { VexDocument, VexProduct, VexStatus } from './statement.ts';

/** CycloneDX 1.6, vulnerabilities[].analysis.state. */
const STATES = [
  'resolved',
  'resolved_with_pedigree',
  'exploitable',
  'in_triage',
  'false_positive',
  'not_affected',
] as const;
const STATUS: Readonly<Record<(typeof STATES)[number], VexStatus>> = {
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  exploitable: 'affected',
  in_triage: 'under_investigation',
  false_positive: 'not_affected',
  not_affected: 'not_affected',
};

/** CycloneDX 1.6, vulnerabilities[].analysis.justification. */
const JUSTIFICATIONS = [
  'code_not_present',
  'code_not_reachable',
  'requires_configuration',
  'requires_dependency',
  'requires_environment',
  'protected_by_compiler',
  'protected_at_runtime',
  'protected_at_perimeter',
  'protected_by_mitigating_control',
] as const;

/** A CycloneDX document with vulnerabilities: those that are analysed become statements. */
export function readCycloneDxVex(document: Fields, where: string): VexDocument {
  const metadata = fieldsOf(document.metadata ?? {}, where, 'metadata');
  const subject = metadata.component === undefined ? undefined : fieldsOf(metadata.component, where, 'component');
  const image = subject ? imageOf(subject, where) : undefined;
  const components = new Map<string, Fields>();
  for (const value of [...(subject ? [subject] : []), ...listOf(document.components, where, 'components')]) {
    const component = fieldsOf(value, where, 'a component');
    const ref = component['bom-ref'];
    if (typeof ref !== 'string') continue;
    // With two components of one name, the reference is ambiguous.
    if (components.has(ref)) throw vexError(where, `the bom-ref ${quoted(ref)} appears twice`);
    components.set(ref, component);
  }
  const vulnerabilities = listOf(document.vulnerabilities, where, 'vulnerabilities');
  if (vulnerabilities.length === 0) throw vexError(where, 'it contains no vulnerability');
  return usableStatements(vulnerabilities, where, 'vulnerability', (value, at) => {
    const vulnerability = fieldsOf(value, at, 'it');
    if (vulnerability.analysis === undefined) return undefined;
    const analysis = fieldsOf(vulnerability.analysis, at, 'analysis');
    const status = STATUS[wordOf(analysis.state, STATES, at, 'analysis.state')];
    const justification =
      status === 'not_affected' || analysis.justification !== undefined
        ? wordOf(analysis.justification, JUSTIFICATIONS, at, 'analysis.justification')
        : undefined;
    const aliases = listOf(vulnerability.references, at, 'references').map((reference) =>
      textOf(fieldsOf(reference, at, 'a reference').id, at, 'the id of a reference'),
    );
    const affects = listOf(vulnerability.affects, at, 'affects');
    if (affects.length === 0) throw vexError(at, 'affects is empty');
    return {
      from: at,
      ids: [textOf(vulnerability.id, at, 'id'), ...aliases],
      products: affects.map((entry) => productAt(fieldsOf(entry, at, 'affects'), components, subject, image, at)),
      status,
      justification,
      // An analysis is changed in place: its state is as old as its last change.
      at: instantOf(analysis.lastUpdated ?? analysis.firstIssued ?? metadata.timestamp, at, 'a time of the analysis'),
    };
  });
}

function imageOf(component: Fields, where: string): string | undefined {
  if (component.type !== 'container') return undefined;
  const hashes = listOf(component.hashes, where, 'hashes').map((hash) => fieldsOf(hash, where, 'a hash'));
  const sha256 = hashes.find(({ alg }) => alg === 'SHA-256')?.content;
  const purl = typeof component.purl === 'string' ? readPurl(component.purl) : undefined;
  const texts = [sha256, purl?.version, component.version].filter((each) => typeof each === 'string');
  return texts.map(hexOfDigest).find((hex) => hex !== undefined);
}

function productAt(
  entry: Fields,
  components: ReadonlyMap<string, Fields>,
  subject: Fields | undefined,
  image: string | undefined,
  where: string,
): VexProduct {
  const ref = textOf(entry.ref, where, 'affects.ref');
  const component = components.get(ref);
  const within = image === undefined ? {} : { image };
  // The document's subject itself, an image without a digest, and version ranges name no package exactly.
  if (component !== undefined && component === subject) return { ...within, name: ref };
  if (entry.versions !== undefined || (subject?.type === 'container' && image === undefined)) return { name: ref };
  const purl = typeof component?.purl === 'string' ? component.purl : component ? undefined : linkedPurl(ref);
  if (purl === undefined) return { name: ref };
  const { package: named } = productOf(purl, undefined, ref);
  return { ...within, name: ref, package: named };
}

/** A purl itself, or a BOM-Link (`urn:cdx:serial/version#ref`) whose fragment is one, as Syft's references are. */
function linkedPurl(ref: string): string | undefined {
  const fragment = ref.startsWith('urn:cdx:') ? ref.slice(ref.indexOf('#') + 1) : ref;
  let text = fragment;
  try {
    if (!fragment.startsWith('pkg:')) text = decodeURIComponent(fragment);
  } catch {
    return undefined;
  }
  // Syft's own qualifier, which distinguishes two locations of one package.
  return text.startsWith('pkg:') ? text.replace(/([?&])package-id=[^&#]*&?/, '$1').replace(/[?&]$/, '') : undefined;
}
